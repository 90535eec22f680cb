/** Why a passage was found: the parts of its score in lines, and as JSON. */
import { isolated, printable } from '../search/explain-text.ts';
import type { SideScore } from '../search/fuse-sides.ts';
import type { TextHit } from '../search/text-search.ts';

/** Words that are shown of a BM25 score; the others are added up. */
const MOST_WORDS = 6;

/**
 * The parts of a score: each side with its rank, what they add to a fused score, and what each word adds to BM25.
 *
 * @example scoreLines(hit)
 *   // ['MaxSim 14.203, rank 2; BM25 3.412, rank 1', 'fused 0.9312 = MaxSim 0.3312 + BM25 0.6000',
 *   //  'BM25 3.412 = water 2.100 (2 times, in 3 passages) + minute 1.312 (once, in 4)']
 */
export function scoreLines({ score, dense, lexical, words, shares }: TextHit): string[] {
  const sides = [side('MaxSim', dense), side('BM25', lexical)].filter((text) => text !== '');
  const lines = [sides.join('; ')];
  if (shares !== undefined)
    lines.push(
      `fused ${score.toFixed(4)} = MaxSim ${shares.dense.toFixed(4)} + BM25 ${shares.lexical.toFixed(4)}`,
    );
  if (words === undefined || lexical === undefined) return lines;
  const shown = words.slice(0, MOST_WORDS).map(({ translations, count, passages, score: part }) => {
    const names = translations.map((each) => isolated(printable(each))).join(' or ');
    return `${names} ${part.toFixed(3)} (${times(count)}, in ${figure(passages)} passage${passages === 1 ? '' : 's'})`;
  });
  const rest = words.slice(MOST_WORDS);
  if (rest.length > 0)
    shown.push(`${rest.length} more ${rest.reduce((sum, each) => sum + each.score, 0).toFixed(3)}`);
  lines.push(
    shown.length === 0
      ? 'BM25 0: it shares no word with the query'
      : `BM25 ${lexical.score.toFixed(3)} = ${shown.join(' + ')}`,
  );
  return lines;
}

/** A hit as JSON, with the parts of its score where they are there. */
export function hitJson(
  { rank, score, passage, dense, lexical, words, shares }: TextHit,
  explained: boolean,
) {
  const { id, title, text, language, metadata } = passage;
  const parts = explained ? { maxSim: dense, bm25: lexical && { ...lexical, words }, shares } : {};
  return { rank, score, id, title, text, language, metadata, ...parts };
}

function side(name: string, given: SideScore | undefined): string {
  if (given === undefined) return '';
  return `${name} ${given.score.toFixed(3)}, ${given.rank === undefined ? 'not among the candidates' : `rank ${given.rank}`}`;
}

function times(count: number): string {
  return count === 1 ? 'once' : `${figure(count)} times`;
}

/** Whole numbers as they are, expectations with two digits. */
function figure(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toFixed(2);
}
