/** Examples for the commands of the reader: a file of them, or passages, queries and judgments. */
import { examplesOf, readExamples } from '../data/examples.ts';
import { readJudgments } from '../data/judgments.ts';
import { readPassages } from '../data/passages.ts';
import { readQueries } from '../data/queries.ts';
import type { Example } from '../data/records.ts';
import { RefractError } from '../errors.ts';

/** Where examples come from. */
export interface ExampleFiles {
  readonly examples?: string;
  readonly passages?: string;
  readonly queries?: string;
  readonly qrels?: string;
}

/**
 * The examples. Errors: those of the readers; `SETTING_INVALID` unless either `examples` or the three others are
 * given; `FILE_EMPTY` when no query with answers has a relevant passage.
 */
export async function examplesFrom({ examples, passages, queries, qrels }: ExampleFiles): Promise<Example[]> {
  const others = [passages, queries, qrels].filter((file) => file !== undefined).length;
  if (examples !== undefined && others === 0) return readExamples(examples);
  if (examples !== undefined || passages === undefined || queries === undefined || qrels === undefined)
    throw new RefractError(
      'SETTING_INVALID',
      'give either --examples, or --passages, --queries and --qrels',
      {
        hint: '--examples takes a file of SQuAD or MLQA, or one that refract data convert wrote.',
      },
    );
  const made = examplesOf(
    await readPassages(passages),
    await readQueries(queries),
    await readJudgments(qrels),
  );
  if (made.length > 0) return made;
  throw new RefractError('FILE_EMPTY', 'no query with answers has a relevant passage', {
    at: qrels,
    hint: 'Queries need "answers", and judgments must name queries and passages of these files.',
  });
}
