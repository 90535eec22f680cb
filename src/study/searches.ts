/** The cells that search a test set with the queries of its languages, and those that score what was found. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { writeDirectoryAtomic, writeFileAtomic } from '../data/atomic.ts';
import type { Query, RunEntry } from '../data/records.ts';
import { readRun, writeRun } from '../data/runs.ts';
import { evaluate } from '../eval/evaluate.ts';
import { openIndex } from '../index/exact-index.ts';
import { lexicalRun, type QueryTranslation } from '../lexical/cross-lingual.ts';
import { englishStem } from '../lexical/english-stem.ts';
import { Bm25Index } from '../lexical/index.ts';
import { learnTranslations } from '../lexical/psq.ts';
import { QueryDictionary } from '../lexical/query-translation.ts';
import { readCheckpoint } from '../model/checkpoint.ts';
import { Encoder } from '../model/encoder.ts';
import { Stage, type StageControl } from '../stage.ts';
import type { Cell, CellWork } from './cell.ts';
import { shiftVectors } from './mean-shift.ts';
import { indexCell, readShift, type StudyContext } from './models.ts';
import { queriesOf } from './study-files.ts';
import type { ArmSettings } from './study-schema.ts';

/** Queries that are encoded and searched together. */
const QUERIES_PER_BATCH = 32;

/** What encodes the queries of a language: a model's cell, and a shift of its vectors. */
export interface QueryEncoding {
  readonly model: Cell;
  readonly shift?: Cell;
}

/** Runs over the teacher's index of a test set; `encodings` by language. */
export function denseRuns(
  context: StudyContext,
  { name, group, seed, test }: { name: string; group: string; seed: number; test: string },
  encodings: ReadonlyMap<string, QueryEncoding>,
): Cell {
  const { study, files, table } = context;
  const index = indexCell(context, seed, test);
  const languages = [...encodings.keys()];
  const needs = [...encodings.values()].flatMap(({ model, shift }) => (shift ? [model, shift] : [model]));
  return table.add({
    name: `runs-${name}-${test}`,
    kind: 'runs',
    group: `runs ${group} ${test}`,
    settings: {
      depth: study.depth,
      test,
      encodings: Object.fromEntries(
        [...encodings].map(([code, { model, shift }]) => [code, [model.identity, shift?.identity ?? '']]),
      ),
    },
    data: files.hash(languages.map((code) => queriesOf(study, test, code).file)),
    needs: [index, ...new Set(needs)],
    async make({ folder, folderOf, control }) {
      const opened = openIndex(folderOf(index));
      try {
        await writeDirectoryAtomic(folder, async (inside) => {
          for (const [language, { model, shift }] of encodings) {
            const { file, field } = queriesOf(study, test, language);
            const encoder = await Encoder.fromCheckpoint(readCheckpoint(folderOf(model)), control);
            const means = shift && readShift(folderOf(shift));
            try {
              const encode = async (texts: readonly string[]) => {
                const vectors = await encoder.queries(texts);
                return means ? vectors.map((text) => shiftVectors(text, means)) : vectors;
              };
              const search = async (batch: readonly Query[]) => {
                const found = await opened.searchBatch(
                  (await encode(batch.map(({ text }) => text))).map(({ vectors, count }) => ({
                    vectors,
                    tokens: count,
                  })),
                  study.depth,
                );
                return found.flatMap((hits, i) =>
                  hits.map(({ id, score }) => ({ query: batch[i].id, passage: id, score })),
                );
              };
              const entries = await inBatches(await files.queries(file, field), search, control);
              writeRun(runFile(inside, language), entries, name);
            } finally {
              await encoder.close();
            }
          }
        });
      } finally {
        opened.close();
      }
      return {};
    },
  });
}

/** Runs of BM25 over a test set, with queries as they are or translated. */
export function lexicalRuns(
  { study, files, table }: StudyContext,
  name: string,
  arm: Extract<ArmSettings, { kind: 'lexical' }>,
  test: string,
): Cell {
  const languages = languagesOf(study.tests[test].queries);
  const { translate, stem } = arm;
  const material = {
    none: [],
    dictionary: ['dictionary'],
    psq: ['bitext', 'dictionary'],
  } as const;
  const used = languages.flatMap((code) =>
    material[translate].flatMap((part) => study.languages[code][part] ?? []),
  );
  const { passages } = study.tests[test];
  return table.add({
    name: `runs-${name}-${test}`,
    kind: 'runs',
    group: `runs ${name} ${test}`,
    settings: { translate, stem, depth: study.depth, test, languages },
    data: files.hash([passages, ...languages.map((code) => queriesOf(study, test, code).file), ...used]),
    needs: [],
    async make({ folder, control }) {
      const index = await Bm25Index.create(
        await files.passages(passages),
        { language: 'en', stem: stem ? englishStem : undefined },
        control,
      );
      const translation = async (language: string): Promise<QueryTranslation> => {
        if (translate === 'none') return { method: 'none' };
        const entries = await files.dictionary(language);
        if (translate === 'dictionary')
          return {
            method: 'dictionary',
            dictionary: new QueryDictionary(entries, language),
            structure: 'synonyms',
          };
        const pairs = [...(await files.pairs(language)), ...entries];
        return { method: 'psq', probabilities: await learnTranslations(pairs, language, index, {}, control) };
      };
      const translated: Record<string, number> = {};
      await writeDirectoryAtomic(folder, async (inside) => {
        for (const language of languages) {
          const { file, field } = queriesOf(study, test, language);
          const queries = await files.queries(file, field);
          const run = await lexicalRun(index, queries, study.depth, await translation(language), control);
          translated[language] = run.words === 0 ? 0 : run.known / run.words;
          writeRun(runFile(inside, language), run.entries, name);
        }
      });
      return translate === 'none' ? {} : { translated };
    },
  });
}

const scoresSchema = z.record(
  z.string(),
  z.object({
    queries: z.number(),
    means: z.record(z.string(), z.number()),
    /** Measure -> query -> value. */
    values: z.record(z.string(), z.record(z.string(), z.number())),
  }),
);
/** Scores by language. */
export type Scores = z.output<typeof scoresSchema>;
const SCORES_FILE = 'scores.json';

/** The scores of a `runs` cell for `languages`, over all judged queries of each. */
export function scoresCell(
  { study, files, table }: StudyContext,
  runs: Cell,
  test: string,
  languages: readonly string[],
): Cell {
  const { judgments } = study.tests[test];
  return table.add({
    name: runs.name.replace(/^runs-/, 'scores-'),
    kind: 'scores',
    group: `scores ${test}`,
    settings: { measures: study.measures, languages },
    data: files.hash([judgments]),
    needs: [runs],
    async make({ folder, folderOf }: CellWork) {
      const scores: Scores = {};
      for (const language of languages) {
        const { file, field } = queriesOf(study, test, language);
        const known = new Set((await files.queries(file, field)).map(({ id }) => id));
        const own = (await files.judgments(judgments)).filter(({ query }) => known.has(query));
        const entries = await readRun(runFile(folderOf(runs), language));
        scores[language] = score(own, entries, study.measures);
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

/** Languages of a test set's queries, but English. */
export function languagesOf(queries: Readonly<Record<string, unknown>>): string[] {
  return Object.keys(queries).filter((code) => code !== 'en');
}

function score(
  judgments: Parameters<typeof evaluate>[0],
  entries: readonly RunEntry[],
  measures: readonly string[],
): Scores[string] {
  const judged = [...new Set([...judgments].map(({ query }) => query))];
  // A system may find nothing at all, as BM25 does for another script.
  if (entries.length === 0) {
    const zero = Object.fromEntries(judged.map((query) => [query, 0]));
    return {
      queries: judged.length,
      means: Object.fromEntries(measures.map((measure) => [measure, 0])),
      values: Object.fromEntries(measures.map((measure) => [measure, zero])),
    };
  }
  const { queries, means, perQuery } = evaluate(judgments, entries, measures);
  return {
    queries: queries.length,
    means: Object.fromEntries(means),
    values: Object.fromEntries(
      [...perQuery].map(([measure, values]) => [measure, Object.fromEntries(values)]),
    ),
  };
}

async function inBatches(
  queries: readonly Query[],
  search: (batch: readonly Query[]) => Promise<readonly RunEntry[]>,
  control: StageControl,
): Promise<RunEntry[]> {
  const stage = new Stage('searching', queries.length, 'queries', control);
  const entries: RunEntry[] = [];
  for (let done = 0; done < queries.length; done += QUERIES_PER_BATCH) {
    for (const entry of await search(queries.slice(done, done + QUERIES_PER_BATCH))) entries.push(entry);
    await stage.turn(Math.min(done + QUERIES_PER_BATCH, queries.length));
  }
  stage.end();
  return entries;
}

function runFile(folder: string, language: string): string {
  return join(folder, `${language}.run`);
}
