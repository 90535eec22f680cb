/** PEER as a measure of runs: `PEER@20`, `PEER(1=.25,3=.75)@20`. */
import type { Judgment } from '../data/records.ts';
import { RefractError } from '../errors.ts';
import type { PassageMeasure } from './measures/passage-measure.ts';
import { peer } from './peer.ts';

/** What the name of a PEER measure asks for. */
export interface PeerName {
  /** As it is written in tables. */
  readonly name: string;
  /** Ranks looked at; Infinity for all. */
  readonly cutoff: number;
  /** Weight of each grade, where the name says it. */
  readonly weights?: ReadonlyMap<number, number>;
}

/**
 * Reads `PEER`, `PEER@k`, `PEER(grade=weight,...)` and both together; undefined for any other name.
 *
 * @throws RefractError `SETTING_INVALID` for a cutoff or weights that do not parse, or weights that do not sum to 1
 * @example parsePeer('peer(1=.25,3=.75)@20')?.weights // Map { 1 => .25, 3 => .75 }
 */
export function parsePeer(text: string): PeerName | undefined {
  const written = text.replace(/\s+/g, '');
  const [, rest] = /^peer(?![a-z_])(.*)$/i.exec(written) ?? [];
  if (rest === undefined) return undefined;
  const refuse = (what: string) =>
    new RefractError('SETTING_INVALID', `${written}: ${what}`, {
      hint: 'Write PEER@20, or with a weight for each grade, which sum to 1: PEER(1=.25,3=.75)@20.',
    });
  const match = /^(?:\(([^()]*)\))?(?:@([1-9]\d*))?$/.exec(rest);
  if (match === null) throw refuse('is not PEER with weights in brackets and a cutoff after @');
  const cutoff = match[2] === undefined ? Number.POSITIVE_INFINITY : Number(match[2]);
  const name = `PEER${rest}`;
  if (match[1] === undefined) return { name, cutoff };
  const weights = new Map<number, number>();
  for (const part of match[1].split(',')) {
    const [, grade, weight] = /^(-?\d+)=(\d*\.?\d+)$/.exec(part) ?? [];
    if (grade === undefined) throw refuse(`"${part}" is not grade=weight`);
    if (weights.has(Number(grade))) throw refuse(`grade ${grade} has two weights`);
    weights.set(Number(grade), Number(weight));
  }
  const total = [...weights.values()].reduce((sum, weight) => sum + weight, 0);
  if (Math.abs(total - 1) > 1e-9) throw refuse(`the weights sum to ${total}, not to 1`);
  return { name, cutoff, weights };
}

/**
 * PEER as a measure; see {@link peer}. Where the name says no weights, every grade above 0 that occurs in the
 * judgments has the same. A query for which nothing was returned is fair, 1: read PEER beside a measure of quality.
 *
 * @param judgments those of the queries to be measured
 * @param languages passage -> language
 * @throws RefractError `UNKNOWN_ID` for a judged passage with a weight whose language is not known;
 *   `SETTING_INVALID` when all of them are of one language, or none has a weight
 * @example evaluate(judgments, run, [peerMeasure(parsePeer('PEER@20')!, judgments, languages)])
 */
export function peerMeasure(
  { name, cutoff, weights: given }: PeerName,
  judgments: readonly Judgment[],
  languages: ReadonlyMap<string, string>,
): PassageMeasure {
  const weights = given ?? equalWeights(judgments);
  const weighed = judgments.filter(({ grade }) => weights.has(grade));
  const stranger = weighed.find(({ passage }) => !languages.has(passage));
  if (stranger)
    throw new RefractError(
      'UNKNOWN_ID',
      `${name}: the language of passage "${stranger.passage}" is not known`,
      {
        hint: `It is judged for query "${stranger.query}"; give it a line with "lang" in the passages.`,
      },
    );
  const known = new Set(weighed.map(({ passage }) => languages.get(passage)));
  if (known.size < 2)
    throw new RefractError(
      'SETTING_INVALID',
      `${name}: ${known.size === 0 ? 'no passage is judged with a grade that has a weight' : `all judged passages are in ${[...known][0]}`}`,
      { hint: 'PEER compares the ranks of relevant passages in two languages or more.' },
    );
  return {
    name,
    cutoff,
    valueOf({ passages, grades }) {
      const judged = [...grades].flatMap(([id, grade]) =>
        weights.has(grade) ? [{ id, grade, language: languages.get(id) ?? '' }] : [],
      );
      return peer(passages, judged, { weights });
    },
  };
}

function equalWeights(judgments: readonly Judgment[]): Map<number, number> {
  const grades = [...new Set(judgments.map(({ grade }) => grade))].filter((grade) => grade > 0);
  return new Map(grades.map((grade) => [grade, 1 / grades.length]));
}
