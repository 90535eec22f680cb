/** The cells that score what was found. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { writeDirectoryAtomic, writeFileAtomic } from '../data/atomic.ts';
import type { Cell, CellWork } from './cell.ts';
import { readChoices } from './choices.ts';
import { passagesOf, queriesOf, searchedFiles } from './file-names.ts';
import type { StudyContext } from './models.ts';
import { readAnswers } from './reading.ts';
import type { ReadFrom } from './reading-measures.ts';
import { readRunOf } from './run-files.ts';
import { meanOf, measure } from './study-measures.ts';

const scoresSchema = z.record(
  z.string(),
  z.object({
    /** How many are judged. */
    queries: z.number(),
    means: z.record(z.string(), z.number()),
    /** Measure -> query -> value. */
    values: z.record(z.string(), z.record(z.string(), z.number())),
  }),
);
/** Scores by language. */
export type Scores = z.output<typeof scoresSchema>;
const SCORES_FILE = 'scores.json';

/**
 * The scores of a `runs` cell for `languages`, over all judged queries of each.
 *
 * @param name of the arm at its point: arms with the same runs may differ in what is read
 * @param answers what a reader made of them, by what it read
 * @param choices what the arm made of the questions' choices
 */
export function scoresCell(
  { study, files, table }: StudyContext,
  name: string,
  runs: Cell,
  test: string,
  languages: readonly string[],
  answers: ReadonlyMap<ReadFrom, Cell> = new Map(),
  choices?: Cell,
): Cell {
  const { judgments } = study.tests[test];
  return table.add({
    name: `scores-${name}-${test}`,
    kind: 'scores',
    group: `scores ${test}`,
    settings: { measures: study.measures, files: searchedFiles(study, test, languages) },
    data: files.hash([judgments]),
    needs: [runs, ...answers.values(), ...(choices ? [choices] : [])],
    async make({ folder, folderOf }: CellWork) {
      const scores: Scores = {};
      for (const language of languages) {
        const { file, field } = queriesOf(study, test, language);
        const passages = passagesOf(study, test, language);
        const queries = await files.queries(file, field);
        const known = new Set(queries.map(({ id }) => id));
        const own = (await files.judgments(judgments)).filter(({ query }) => known.has(query));
        const values = await measure(
          {
            queries,
            judgments: own,
            entries: await readRunOf(folderOf(runs), language),
            answers: new Map(
              [...answers].flatMap(([from, cell]) => {
                const found = readAnswers(folderOf(cell), language);
                return found ? [[from, found] as const] : [];
              }),
            ),
            choices: choices && readChoices(folderOf(choices), language),
            passages: () => files.passages(passages.file),
            language: passages.language,
          },
          study.measures,
        );
        scores[language] = {
          queries: new Set(own.map(({ query }) => query)).size,
          means: Object.fromEntries([...values].map(([name, each]) => [name, meanOf(each)])),
          values: Object.fromEntries(values),
        };
      }
      await writeDirectoryAtomic(folder, async (inside) =>
        writeFileAtomic(join(inside, SCORES_FILE), `${JSON.stringify(scores)}\n`),
      );
      return {};
    },
  });
}

/** The scores in the folder of a `scores` cell. */
export function readScores(folder: string): Scores {
  return scoresSchema.parse(JSON.parse(readFileSync(join(folder, SCORES_FILE), 'utf8')));
}
