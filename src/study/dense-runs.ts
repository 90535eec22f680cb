/** The cells that search a test set with token vectors of its queries. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeDirectoryAtomic } from '../data/atomic.ts';
import type { Passage, Query, RunEntry } from '../data/records.ts';
import { buildIndex, type EncodedPassage } from '../index/build.ts';
import type { LateInteractionIndex } from '../index/late-interaction.ts';
import { openIndex } from '../index/open-index.ts';
import type { RetrieverCheckpoint } from '../model/checkpoint.ts';
import { Encoder } from '../model/encoder.ts';
import { modelFingerprint } from '../model/fingerprint.ts';
import { encodePassages } from '../search/encode-passages.ts';
import { IndexScorer } from '../search/index-scorer.ts';
import { Stage, type StageControl } from '../stage.ts';
import { tokenizerFingerprint } from '../text/tokenizer-json.ts';
import type { WorkControl } from '../train/work.ts';
import type { Cell } from './cell.ts';
import { passagesOf, searchedFiles } from './file-names.ts';
import { type MeanShift, shiftVectors } from './mean-shift.ts';
import { indexCell, readModel, readShift, type StudyContext } from './models.ts';
import { writeRunOf } from './run-files.ts';
import { querySource } from './translations.ts';

/** What encodes texts of a language: a model's cell, and a shift of its vectors. */
export interface TextEncoding {
  readonly model: Cell;
  readonly shift?: Cell;
}

/** Which runs these are. */
export interface DenseRuns {
  readonly name: string;
  readonly group: string;
  readonly seed: number;
  readonly test: string;
}

/**
 * Runs over the teacher's index of English passages, each language's queries encoded by its model. Where a test set
 * has passages in each language, the model of a language encodes these as passages, and the English queries.
 *
 * @param translations a cell with the queries in English already
 */
export function denseRuns(
  context: StudyContext,
  { name, group, seed, test }: DenseRuns,
  encodings: ReadonlyMap<string, TextEncoding>,
  translations?: Cell,
): Cell {
  const { study, files, table } = context;
  const { passages } = study.tests[test];
  const index = typeof passages === 'string' ? indexCell(context, seed, test, passages) : undefined;
  const languages = [...encodings.keys()];
  const own = index ? [] : languages.map((code) => passagesOf(study, test, code).file);
  const source = querySource(context, test, languages, translations);
  const models = [...encodings.values()].flatMap(({ model, shift }) => (shift ? [model, shift] : [model]));
  return table.add({
    name: `runs-${name}-${test}`,
    kind: 'runs',
    group: `runs ${group} ${test}`,
    settings: {
      depth: study.depth,
      test,
      files: searchedFiles(study, test, languages),
      encodings: Object.fromEntries(
        [...encodings].map(([code, { model, shift }]) => [code, [model.identity, shift?.identity ?? '']]),
      ),
    },
    data: files.hash([...new Set([...own, ...source.names])]),
    needs: [...(index ? [index] : []), ...source.needs, ...new Set(models)],
    async make({ folder, folderOf, control: { resume: _, ...control } }) {
      const shared = index && openIndex(folderOf(index));
      let scorer: IndexScorer | undefined;
      const searchWith = async (model: Cell, read: readonly Read[], inside: string) => {
        const checkpoint = readModel(context, seed, folderOf, model);
        const encoder = await Encoder.fromCheckpoint(checkpoint, control);
        try {
          for (const { language, shift } of read) {
            const queries = await source.read(language, folderOf);
            const means = shift && readShift(folderOf(shift));
            const search = async (opened: IndexScorer, moved: MeanShift | undefined) => {
              const entries = await searchAll(encoder, opened, queries, moved, study.depth, control);
              writeRunOf(inside, language, entries, name);
            };
            if (scorer) await search(scorer, means);
            else {
              const collection = await files.passages(passagesOf(study, test, language).file);
              const encoded = encodeOwn(encoder, collection, means, control);
              await withIndex(join(inside, 'index'), checkpoint, encoded, async (opened) => {
                const own = await IndexScorer.open(opened, control);
                try {
                  await search(own, undefined);
                } finally {
                  await own.close();
                }
              });
            }
          }
        } finally {
          await encoder.close();
        }
      };
      try {
        scorer = shared && (await IndexScorer.open(shared, control));
        await writeDirectoryAtomic(folder, async (inside) => {
          for (const [model, read] of byModel(encodings)) await searchWith(model, read, inside);
        });
      } finally {
        await scorer?.close();
        await shared?.close();
      }
      return {};
    },
  });
}

/** A language that a model reads. */
interface Read {
  readonly language: string;
  readonly shift?: Cell;
}

/** The languages of each model: one that reads several is opened once. */
export function byModel(encodings: ReadonlyMap<string, TextEncoding>): Map<Cell, Read[]> {
  const models = new Map<Cell, Read[]>();
  for (const [language, { model, shift }] of encodings)
    models.set(model, [...(models.get(model) ?? []), { language, shift }]);
  return models;
}

/** Encodes queries, moves their vectors by `means`, and finds the best `depth` passages of each. */
async function searchAll(
  encoder: Encoder,
  scorer: IndexScorer,
  queries: readonly Query[],
  means: MeanShift | undefined,
  depth: number,
  control: Omit<WorkControl, 'resume'>,
): Promise<RunEntry[]> {
  const stage = new Stage('encoding queries', queries.length, 'queries', control);
  const vectors = await encoder.queries(
    queries.map(({ text }) => text),
    (done) => stage.report(done),
  );
  stage.end();
  const asked = vectors.map((each) => {
    const { vectors: moved, count } = means ? shiftVectors(each, means) : each;
    return { vectors: moved, tokens: count };
  });
  const found = await scorer.search(asked, depth, control);
  return found.flatMap((hits, i) =>
    hits.map(({ id, score }) => ({ query: queries[i].id, passage: id, score })),
  );
}

/** Makes an index at `place`, works with it, and removes it. */
async function withIndex(
  place: string,
  { tokenizerJson, ...checkpoint }: RetrieverCheckpoint,
  passages: AsyncIterable<EncodedPassage>,
  work: (index: LateInteractionIndex) => Promise<void>,
): Promise<void> {
  const fingerprint = {
    teacher: modelFingerprint({ ...checkpoint, tokenizerJson }),
    tokenizer: tokenizerFingerprint(tokenizerJson),
  };
  await buildIndex(place, { dim: checkpoint.settings.retrieval.dim, fingerprint }, passages);
  const index = openIndex(place);
  try {
    await work(index);
  } finally {
    await index.close();
    rmSync(place, { recursive: true });
  }
}

/** Encodes the passages of a language by its model, as a stage of its own, and moves their vectors by `means`. */
export async function* encodeOwn(
  encoder: Encoder,
  passages: readonly Passage[],
  means: MeanShift | undefined,
  control: StageControl,
): AsyncGenerator<EncodedPassage> {
  const stage = new Stage('encoding passages', passages.length, 'passages', control);
  const { signal } = control;
  const encoded = encodePassages(encoder, passages, {
    signal,
    long: { overlap: 0, truncate: true },
    onDone: (done) => stage.report(done),
  });
  for await (const passage of encoded) yield means ? shiftVectors(passage, means) : passage;
  stage.end();
}
