/**
 * Seeded samples of a study's data, written as files of a smaller study: what the probe of `refract study plan` works
 * on. Training passages stay whole, since what is mined from them does not grow in proportion to their number.
 */
import { relative, resolve } from 'node:path';
import { writePiecesAtomic } from '../data/atomic.ts';
import type { LexiconEntry, Passage, Query, SentencePair } from '../data/records.ts';
import { relevantPassages } from '../data/relevant.ts';
import { RandomStream } from '../random.ts';
import { holdOut } from '../train/held-out-pairs.ts';
import { HELD_OUT } from '../train/teach.ts';
import type { StudyFiles } from './study-files.ts';
import type { Study } from './study-schema.ts';

/** How much a sample holds, at most. */
export interface SampleSize {
  /** Share of the training questions, of the bitext and of the dictionaries, from 0 to 1. */
  readonly training: number;
  /** Queries of the largest query file of each test set; the others in proportion. */
  readonly queries: number;
  /** English passages of each test set, and passages of all languages together where each has its own. */
  readonly passages: number;
  readonly ownPassages: number;
}

/** What a sample holds of each kind, as a share of all there is. */
export interface SampleShares {
  readonly training: number;
  readonly tests: ReadonlyMap<string, TestShares>;
}

/** Of the queries and the passages of a test set, in all languages. */
export interface TestShares {
  readonly queries: number;
  readonly passages: number;
  /** Passages that are searched together in full, at most. */
  readonly collection: number;
}

/** A study on a sample of the data. */
export interface SampledStudy {
  readonly study: Study;
  readonly shares: SampleShares;
}

/** No training file is cut below so many lines: batches, quotas and held-out pairs need some. */
const LEAST_LINES = 100;
/** Queries of a language whose judged passages are in every sample. */
const MOST_JUDGED = 32;

/**
 * Writes a sample of the data of `files` into `folder`; the paths of its study are relative to the same root. A larger
 * sample holds a smaller one.
 *
 * @throws RefractError what reading the files throws
 * @example await sampleStudy(files, '/tmp/probe', { training: 0.1, queries: 32, passages: 400, ownPassages: 160 })
 */
export async function sampleStudy(
  files: StudyFiles,
  folder: string,
  size: SampleSize,
): Promise<SampledStudy> {
  const { study } = files;
  const write: Write = (name, lines) => {
    const path = resolve(folder, name);
    writePiecesAtomic(path, lines);
    return relative(resolve(files.root), path);
  };
  let kept = 0;
  let all = 0;
  const some = <Item>(items: readonly Item[]): Item[] => {
    const sample = linesOf(items, Math.max(LEAST_LINES, Math.ceil(size.training * items.length)));
    kept += sample.length;
    all += items.length;
    return sample;
  };
  const asked = await files.queries(study.train.queries);
  const questions = keeping(asked, some(asked));
  const devQuestions = linesOf(asked, Math.floor(HELD_OUT * asked.length));
  const heldOut = await heldOutPairs(files);
  const languages: Study['languages'] = {};
  for (const [code, language] of Object.entries(study.languages)) {
    const { bitext, dictionary, devBitext } = language;
    const dev = devBitext ? undefined : heldOut.get(code);
    languages[code] = {
      ...language,
      ...(bitext && { bitext: [write(`bitext-${code}.jsonl`, pairLines(some(await files.pairs(code))))] }),
      ...(dev && { devBitext: [write(`dev-${code}.jsonl`, pairLines(dev))] }),
      ...(dictionary && {
        dictionary: [write(`dictionary-${code}.tsv`, entryLines(some(await files.dictionary(code))))],
      }),
    };
  }
  const tests: Study['tests'] = {};
  const shares: [string, TestShares][] = [];
  for (const test of Object.keys(study.tests)) {
    const sample = await sampleTest(files, test, size, write);
    tests[test] = sample.test;
    shares.push([test, sample.shares]);
  }
  // Dev measures have the size that they have with all data.
  const dev =
    study.train.dev ??
    (devQuestions.length === 0
      ? undefined
      : {
          queries: write('dev-questions.jsonl', queryLines(devQuestions)),
          judgments: study.train.judgments,
        });
  const train = { ...study.train, queries: write('questions.jsonl', queryLines(questions)), dev };
  return {
    study: { ...study, train, languages, tests },
    shares: { training: all === 0 ? 1 : kept / all, tests: new Map(shares) },
  };
}

/** Writes a file of the sample and returns its path, relative to the study's root. */
type Write = (name: string, lines: Iterable<string>) => string;

/** The same share of each query file and of each passage file of a test set. */
async function sampleTest(
  files: StudyFiles,
  test: string,
  size: SampleSize,
  write: Write,
): Promise<{ readonly test: Study['tests'][string]; readonly shares: TestShares }> {
  const set = files.study.tests[test];
  const queries = new Map<string, Query[]>();
  for (const [code, named] of Object.entries(set.queries)) {
    const { file, field } = typeof named === 'string' ? { file: named } : named;
    queries.set(code, await files.queries(file, field));
  }
  const own = typeof set.passages !== 'string';
  const collections = new Map<string, Passage[]>();
  const named = typeof set.passages === 'string' ? { en: set.passages } : set.passages;
  for (const [code, name] of Object.entries(named)) collections.set(code, await files.passages(name));

  const lists = [...queries.values()];
  const asked = inOneOrder(lists, `${test}/queries`, new Set(lists.flatMap(withMaterial)));
  const queryShare = Math.min(1, size.queries / Math.max(1, ...asked.map((list) => list.length)));
  // What is read or chosen in the judged passages must find those of every sampled query.
  const gold = new Set<string>();
  const inJudged = (code: string) => files.areRead(test, code) || files.haveChoices(test, code);
  if (Object.keys(set.queries).some(inJudged)) {
    const relevant = relevantPassages(await files.judgments(set.judgments));
    for (const list of asked)
      for (const { id } of first(list, Math.min(1, MOST_JUDGED / Math.max(1, list.length))))
        for (const passage of relevant.get(id) ?? []) gold.add(passage);
  }
  const found = inOneOrder([...collections.values()], `${test}/passages`, gold);
  const passageCount = found.reduce((sum, { length }) => sum + length, 0);
  const passageShare = Math.min(1, (own ? size.ownPassages : size.passages) / Math.max(1, passageCount));

  const keptQueries = asked.map((list) => first(list, queryShare));
  const keptPassages = found.map((list) => {
    const judged = list.filter(({ id }) => gold.has(id)).length;
    return list.slice(0, Math.max(judged, Math.ceil(passageShare * list.length)));
  });
  const share = (part: readonly (readonly unknown[])[], whole: readonly (readonly unknown[])[]) =>
    part.flat().length / Math.max(1, whole.flat().length);
  const written = <Item>(name: string, lists: Item[][], codes: Iterable<string>, lines: Lines<Item>) =>
    Object.fromEntries(
      [...codes].map((code, i) => [code, write(`${test}-${name}-${code}.jsonl`, lines(lists[i]))]),
    );
  const passages = written('passages', keptPassages, collections.keys(), jsonLines);
  return {
    test: {
      ...set,
      passages: own ? passages : passages.en,
      queries: written('queries', keptQueries, queries.keys(), queryLines),
    },
    shares: {
      queries: share(keptQueries, asked),
      passages: share(keptPassages, found),
      collection: Math.max(...found.map(({ length }) => length)),
    },
  };
}

/** What a reader learns from or looks for, and what is chosen from: a study that measures it needs some in every sample. */
const MATERIAL = [
  ({ answers }: Query) => answers !== undefined && answers.length > 0,
  ({ choices }: Query) => choices !== undefined,
];

/** Ids of the first query with answers, and of the first with choices, where there are such. */
function withMaterial(queries: readonly Query[]): string[] {
  return MATERIAL.flatMap((has) => queries.find(has)?.id ?? []);
}

/** A sample and, of each kind of material that it lacks, the first of all queries that has it. */
function keeping(all: readonly Query[], sample: readonly Query[]): Query[] {
  const missing = MATERIAL.filter((has) => !sample.some(has)).flatMap((has) => all.find(has) ?? []);
  return [...sample, ...new Set(missing)];
}

type Lines<Item> = (items: readonly Item[]) => Iterable<string>;

/** Each list in one seeded order of all ids, so that languages keep the same items; those of `before` come first. */
function inOneOrder<Item extends { readonly id: string }>(
  lists: readonly (readonly Item[])[],
  name: string,
  before: ReadonlySet<string> = new Set(),
): Item[][] {
  const ids = new RandomStream(0, `study/probe/${name}`).shuffle([
    ...new Set(lists.flat().map(({ id }) => id)),
  ]);
  const place = new Map(ids.map((id, i) => [id, before.has(id) ? i - ids.length : i]));
  return lists.map((list) => [...list].sort((a, b) => place.get(a.id)! - place.get(b.id)!));
}

function first<Item>(list: readonly Item[], share: number): Item[] {
  return list.slice(0, Math.ceil(share * list.length));
}

/** A seeded sample of lines, in their order. */
function linesOf<Item>(items: readonly Item[], count: number): Item[] {
  const order = new RandomStream(0, 'study/probe/training').shuffle([...items.keys()]);
  const chosen = new Set(order.slice(0, count));
  return items.filter((_, i) => chosen.has(i));
}

/** Pairs for dev measures by language, as many as are held out of the whole bitext; none where the study gives some. */
async function heldOutPairs(files: StudyFiles): Promise<Map<string, SentencePair[]>> {
  const languages = Object.entries(files.study.languages);
  const held = new Map<string, SentencePair[]>();
  if (languages.some(([, { devBitext }]) => devBitext)) return held;
  const pairs: SentencePair[] = [];
  for (const [code] of languages) pairs.push(...(await files.pairs(code)));
  for (const pair of holdOut({ pairs }, 0).dev)
    held.set(pair.language, [...(held.get(pair.language) ?? []), pair]);
  return held;
}

function* queryLines(queries: readonly Query[]): Generator<string> {
  for (const { language, ...query } of queries) yield `${JSON.stringify({ ...query, lang: language })}\n`;
}

function* jsonLines(items: readonly unknown[]): Generator<string> {
  for (const item of items) yield `${JSON.stringify(item)}\n`;
}

function* pairLines(pairs: readonly SentencePair[]): Generator<string> {
  for (const { pivot, target, source } of pairs) yield `${JSON.stringify({ pivot, target, source })}\n`;
}

function* entryLines(entries: readonly LexiconEntry[]): Generator<string> {
  for (const { pivot, target, source = '' } of entries) yield `${pivot}\t${target}\t${source}\n`;
}
