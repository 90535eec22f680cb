/** Answer accuracy as a measure of runs: `answer@k`, for commands and studies alike. */
import type { Passage } from '../../data/records.ts';
import { RefractError } from '../../errors.ts';
import type { PassageMeasure } from '../measures/passage-measure.ts';
import { AnswerFinder } from './retrieval.ts';

/** What `answer@k` has to know beside a run. */
export interface AnsweredCollection {
  /** Query -> accepted answers. Queries without any play no part. */
  readonly answers: ReadonlyMap<string, readonly string[]>;
  /** Passages by id; titles are not looked at. */
  readonly passages: ReadonlyMap<string, Pick<Passage, 'text' | 'language'>>;
  /** Language of passages that do not say theirs. */
  readonly language: string;
}

/**
 * The k of `answer@k`; undefined for any other name.
 *
 * @throws RefractError `SETTING_INVALID` when there is no k, or it is no whole number of at least 1
 * @example answerDepth('answer@20') // 20
 */
export function answerDepth(name: string): number | undefined {
  const match = /^answer(?:@(.*))?$/i.exec(name.trim());
  if (match === null) return undefined;
  if (/^[1-9]\d*$/.test(match[1] ?? '')) return Number(match[1]);
  throw new RefractError(
    'SETTING_INVALID',
    `${name.trim()}: needs a whole number of passages of at least 1`,
    {
      hint: 'Write answer@5.',
    },
  );
}

/**
 * Answer accuracy@k for each of `depths`: 1 when one of the first k passages holds an answer ({@link AnswerFinder}),
 * else 0; no value for a query without answers. All share what they have normalised, also over several runs.
 *
 * The value throws `UNKNOWN_ID` for a returned passage that the collection has not.
 *
 * @example
 * const passages = new Map([['p1', { text: 'Rome lies on the Tiber.' }]]);
 * const measures = answerMeasures([1, 5], { answers: new Map([['q1', ['the Tiber']]]), passages, language: 'en' });
 * evaluate(judgments, run, ['nDCG@10', ...measures]).means.get('answer@5');
 */
export function answerMeasures(
  depths: readonly number[],
  { answers, passages, language }: AnsweredCollection,
): PassageMeasure[] {
  const finders = new Map<string, AnswerFinder>();
  const finderOf = (code: string) => {
    const finder = finders.get(code) ?? new AnswerFinder(code);
    finders.set(code, finder);
    return finder;
  };
  const holds = (query: string, id: string, accepted: readonly string[]) => {
    const passage = passages.get(id);
    if (passage) return finderOf(passage.language ?? language).holds(accepted, passage.text);
    throw new RefractError(
      'UNKNOWN_ID',
      `passage "${id}", returned for query "${query}", is not in the collection`,
      {
        hint: 'Give the collection that the run was made from.',
      },
    );
  };
  return depths.map((depth) => ({
    name: `answer@${depth}`,
    cutoff: depth,
    valueOf({ query, passages: returned }) {
      const accepted = answers.get(query) ?? [];
      if (accepted.length === 0) return undefined;
      return returned.some((id) => holds(query, id, accepted)) ? 1 : 0;
    },
  }));
}
