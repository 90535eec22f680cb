/**
 * Hard negatives: passages that BM25 ranks high for a query although they are not relevant. A retriever
 * trained against them learns more than against random passages.
 *
 * Judgments are incomplete, so some of what BM25 finds is relevant after all: with `passages` a candidate that
 * holds one of the query's answers is dropped (as in DPR, Karpukhin et al. 2020).
 */
import { type Judgment, type Passage, passageText, type Query } from '../data/records.ts';
import { relevantPassages } from '../data/relevant.ts';
import { RefractError } from '../errors.ts';
import { Stage, type StageControl } from '../stage.ts';
import type { Bm25Index } from './bm25.ts';
import { words } from './terms.ts';

/** Settings of {@link mineHardNegatives}. */
export interface MineOptions {
  /** Ranks of BM25 looked at; default 30. */
  readonly depth?: number;
  /** Most negatives kept for a query; default 10. */
  readonly perQuery?: number;
  /** The indexed passages, in the index's order. When given, passages that hold an answer are dropped. */
  readonly passages?: readonly Passage[];
}

/** What mining found. */
export interface MinedNegatives {
  /** For each query, in the order given: ordinals of negatives, hardest first; may be empty. */
  readonly negatives: readonly Uint32Array[];
  /** Candidates dropped because they are judged relevant (grade 1 or more). */
  readonly relevant: number;
  /** Candidates dropped because they hold an answer. */
  readonly answering: number;
  /** Queries left without a negative. */
  readonly without: number;
}

/**
 * Mines hard negatives for each query, in turns. Deterministic: no draw is made.
 *
 * @param judgments any judgments of these queries; a grade of 1 or more protects a passage
 * @throws RefractError `SETTING_INVALID` when a setting is out of range, or `passages` are not the index's;
 *   `INTERRUPTED` when `control.signal` is aborted
 * @example
 *   const { negatives } = await mineHardNegatives(index, queries, judgments, { depth: 30, passages });
 *   index.ids[negatives[0][0]]; // id of the hardest negative of the first query
 */
export async function mineHardNegatives(
  index: Bm25Index,
  queries: readonly Query[],
  judgments: Iterable<Judgment>,
  options: MineOptions = {},
  control: StageControl = {},
): Promise<MinedNegatives> {
  const { depth = 30, perQuery = 10, passages } = options;
  checkSettings(index, depth, perQuery, passages);
  const relevantTo = relevantPassages(judgments);
  const holds = passages === undefined ? () => false : answerFinder(passages);
  const counts = { relevant: 0, answering: 0, without: 0 };
  const negatives: Uint32Array[] = [];
  const stage = new Stage('mining negatives', queries.length, 'queries', control);
  for (const query of queries) {
    const relevant = relevantTo.get(query.id);
    const answers = passages === undefined ? [] : (query.answers ?? []).map(phrase).filter((a) => a !== '  ');
    const kept: number[] = [];
    for (const { ordinal } of index.search(query.text, depth)) {
      if (kept.length === perQuery) break;
      if (relevant?.has(index.ids[ordinal])) counts.relevant++;
      else if (answers.length > 0 && holds(ordinal, answers)) counts.answering++;
      else kept.push(ordinal);
    }
    if (kept.length === 0) counts.without++;
    negatives.push(Uint32Array.from(kept));
    if (stage.due()) await stage.turn(negatives.length);
  }
  stage.end(`${counts.relevant} relevant and ${counts.answering} answering candidates dropped`);
  return { negatives, ...counts };
}

function checkSettings(
  index: Bm25Index,
  depth: number,
  perQuery: number,
  passages: readonly Passage[] | undefined,
): void {
  const positive = (value: number) => Number.isSafeInteger(value) && value >= 1;
  if (!positive(depth) || !positive(perQuery)) {
    throw new RefractError('SETTING_INVALID', `hard negatives with depth ${depth}, perQuery ${perQuery}`, {
      hint: 'They are whole numbers of at least 1.',
    });
  }
  const odd = passages?.findIndex(({ id }, ordinal) => id !== index.ids[ordinal]) ?? -1;
  if (odd >= 0 || (passages !== undefined && passages.length !== index.size)) {
    throw new RefractError('SETTING_INVALID', 'the passages are not those of the index, in its order', {
      hint: 'Give the passages that the index was built from.',
    });
  }
}

/** A text as its terms between blanks, so that a phrase is found on word boundaries only. */
function phrase(text: string): string {
  return ` ${words(text).join(' ')} `;
}

/** Whether a passage holds one of some phrases; each passage is cut into terms once. */
function answerFinder(
  passages: readonly Passage[],
): (ordinal: number, answers: readonly string[]) => boolean {
  const phrases = new Map<number, string>();
  return (ordinal, answers) => {
    let text = phrases.get(ordinal);
    if (text === undefined) {
      text = phrase(passageText(passages[ordinal]));
      phrases.set(ordinal, text);
    }
    const held = text;
    return answers.some((answer) => held.includes(answer));
  };
}
