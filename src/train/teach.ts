/**
 * Training a teacher: tokenizer (unless a base model brings one), hard negatives by BM25, and a ColBERT
 * encoder, from scratch or from a base, with a dev measure and early stopping.
 */
import { type Judgment, type Passage, passageText, type Query } from '../data/records.ts';
import { relevantPassages } from '../data/relevant.ts';
import { RefractError } from '../errors.ts';
import { Bm25Index, mineHardNegatives } from '../lexical/index.ts';
import type { Checkpoint, RetrieverCheckpoint } from '../model/checkpoint.ts';
import { configOfSize, type EncoderConfig } from '../model/config.ts';
import { Encoder } from '../model/encoder.ts';
import { InputMaker } from '../model/input.ts';
import { MaxSimScorer } from '../model/maxsim-scorer.ts';
import { baseField } from '../model/model-source.ts';
import { checkReach } from '../model/reach.ts';
import { retrievalSettings, SETTINGS_VERSION } from '../model/settings.ts';
import { RandomStream } from '../random.ts';
import { mapInTurns, type StageControl } from '../stage.ts';
import { loadTokenizer } from '../text/tokenizer.ts';
import { documentFrequencies, inverseDocumentFrequency } from '../transport/marginals.ts';
import { VERSION } from '../version.ts';
import { colbertObjective } from './colbert-objective.ts';
import { type DevSet, devReciprocalRank } from './dev-measure.ts';
import { scratchWeights } from './initialise.ts';
import { type TrainingReport, train } from './loop.ts';
import {
  graphIdentity,
  loopControl,
  loopSettings,
  runIdentity,
  sha256,
  trainableNames,
} from './loop-settings.ts';
import { OpenSessions } from './open-sessions.ts';
import { freeWeights, placeWeights } from './place-weights.ts';
import { finishRun, runFolder } from './run-folder.ts';
import { runTokenizer, type TextGroup } from './run-tokenizer.ts';
import { startFromBase, type TeacherStart } from './teach-base.ts';
import { TeachBatches, type TeachExample } from './teach-batches.ts';
import type { TeachBaseSettings, TeachSettings } from './teach-settings.ts';
import type { WorkControl } from './work.ts';

/** What a teacher learns from. */
export interface TeachData {
  readonly passages: readonly Passage[];
  readonly queries: readonly Query[];
  readonly judgments: readonly Judgment[];
  /** Held-out queries for early stopping; a share of `queries` is held out where none are given. */
  readonly dev?: { readonly queries: readonly Query[]; readonly judgments: readonly Judgment[] };
  /** Text the tokenizer should know beside passages and queries, such as other languages' sentences. */
  readonly extraText: readonly string[];
  /** Start from this encoder and its tokenizer instead of from scratch. */
  readonly base?: Checkpoint;
  /** Languages (BCP 47) of passages and queries, which the teacher is said to read; default English. */
  readonly languages?: readonly string[];
  /** The licence that the teacher is given under, for its card. */
  readonly licence?: string;
}

/** Share of the queries held out for the dev measure when no dev set is given. */
export const HELD_OUT = 0.05;

/**
 * Trains a teacher and writes it to `out` (a checkpoint folder with `metrics.jsonl`; in `out`.unfinished until
 * then). Judgments of passages or queries that are not in `data` are passed over; find them
 * with `checkJudgments` before. With a base the settings are those of `teachBaseSchema`. Errors: those of the
 * loop, of the checkpoint and of `startFromBase`; `FILE_EMPTY` when no query has a relevant passage;
 * `SETTING_INVALID` for settings with a size and a base, or with neither.
 *
 * @example await teach({ passages, queries, judgments, extraText: [] }, teachDefaults('mini'), 'teacher')
 * @example await teach({ passages, queries, judgments, extraText: [], base }, teachBaseDefaults(base), 'teacher')
 */
export async function teach(
  data: TeachData,
  settings: TeachSettings | TeachBaseSettings,
  out: string,
  control: WorkControl = {},
): Promise<{ checkpoint: RetrieverCheckpoint; report: TrainingReport }> {
  const run = runFolder(out);
  const stages: StageControl = { ...control, directory: run };
  const start = await startOf(data, settings, run, control);
  const { config, parameters, tokenizer, retrieval } = start;
  await checkReach(
    config,
    parameters,
    Math.max(retrieval.passageMaxTokens, retrieval.queryMaxTokens),
    control.threads,
  );
  const maker = new InputMaker(tokenizer, retrieval);
  const { queries, dev } = splitDev(data, settings.seed);

  const ordinals = new Map(data.passages.map((passage, i) => [passage.id, i]));
  const relevant = relevantOrdinals(data.judgments, ordinals);
  const devRelevant = data.dev ? relevantOrdinals(dev.judgments, ordinals) : relevant;
  const read = (passage: Passage) => maker.passage(passageText(passage));
  const passages = await mapInTurns(data.passages, read, 'reading passages', 'passages', stages);
  const negatives = await hardNegatives(data, queries, settings, stages);
  const example = (query: Query, q: number): TeachExample[] => {
    const positives = relevant.get(query.id);
    return positives
      ? [{ query: maker.query(query.text), positives, negatives: [...(negatives?.[q] ?? [])] }]
      : [];
  };
  const examples = (await mapInTurns(queries, example, 'reading queries', 'queries', stages)).flat();
  if (examples.length === 0) {
    throw new RefractError('FILE_EMPTY', 'no query has a relevant passage', {
      hint: 'The judgments must give the training queries passages of grade 1 or more.',
    });
  }
  const batches = new TeachBatches(examples, (ordinal) => passages[ordinal], {
    batchSize: Math.min(settings.batch.queries, examples.length),
    negativesPerQuery: settings.batch.negatives,
    seed: settings.seed,
    padId: maker.padId,
    longest: Math.max(retrieval.passageMaxTokens, retrieval.queryMaxTokens),
    passageTokens: settings.batch.passageTokens,
    tokenWeights: inverseDocumentFrequency(
      documentFrequencies(
        passages.map(({ ids }) => ids),
        tokenizer.vocabSize,
      ),
      passages.length,
    ),
  });
  const trainable = trainableNames(parameters.keys(), settings.train);
  placeWeights(parameters, trainable);
  const sessions = new OpenSessions();
  try {
    const encoder = sessions.keep(
      await Encoder.create(config, parameters, maker, { ...control, live: true }),
    );
    const scorer = sessions.keep(await MaxSimScorer.create(retrieval.dim, control.threads));
    const devSet = sampleDev(
      dev.queries,
      devRelevant,
      settings,
      maker,
      (ordinal) => passages[ordinal],
      passages.length,
    );
    const report = await train(
      {
        objective: colbertObjective(config, retrieval.dim, settings.batch.temperature),
        parameters,
        trainable,
        batches,
        evaluate:
          devSet.queries.length > 0
            ? (onPart) => devReciprocalRank(encoder, scorer, devSet, onPart)
            : undefined,
      },
      loopSettings(settings.train, control),
      loopControl(run, identityOf(settings, data, start), control),
    );
    freeWeights(parameters, trainable);
    const checkpoint: RetrieverCheckpoint = {
      config,
      tensors: parameters,
      tokenizerJson: { ...tokenizer.json },
      tokenizerConfig: start.tokenizerConfig,
      specialTokensMap: start.specialTokensMap,
      settings: {
        version: SETTINGS_VERSION,
        createdWith: VERSION,
        kind: 'teacher',
        languages: [...(data.languages ?? ['en'])],
        retrieval,
        training: {
          settings: JSON.parse(JSON.stringify(settings)),
          report: JSON.parse(JSON.stringify(report)),
          ...baseField(data.base),
          data: {
            ...(data.licence !== undefined && { licence: data.licence }),
            passages: data.passages.length,
            queries: data.queries.length,
            judgments: data.judgments.length,
            extraTexts: data.extraText.length,
          },
        },
      },
    };
    await finishRun(run, out, checkpoint);
    return { checkpoint, report };
  } finally {
    await sessions.close();
  }
}

/** From the base, or from scratch, with the tokenizer that a resumed run has learnt before. */
async function startOf(
  data: TeachData,
  settings: TeachSettings | TeachBaseSettings,
  run: string,
  control: WorkControl,
): Promise<TeacherStart> {
  if (data.base && !('size' in settings)) return startFromBase(data.base, settings);
  if (data.base || !('size' in settings)) {
    throw new RefractError(
      'SETTING_INVALID',
      data.base ? 'settings with a size, and a base, which has its own' : 'settings without a size or a base',
      { hint: 'Take the settings of teachBaseDefaults with a base, and those of teachDefaults without.' },
    );
  }
  const tokenizer = loadTokenizer(
    await runTokenizer(run, tokenizerTexts(data, settings), settings.tokenizer, control),
  );
  const config = scratchConfig(settings, tokenizer.vocabSize, tokenizer.roleId('pad'));
  const { seed, train, retrieval } = settings;
  const parameters = scratchWeights(config, { freeze: train.freeze, seed, dim: retrieval.dim });
  return { config, parameters, tokenizer, retrieval: retrievalSettings(retrieval) };
}

function scratchConfig(settings: TeachSettings, vocabSize: number, padTokenId: number): EncoderConfig {
  const { queryMaxTokens, passageMaxTokens } = settings.retrieval;
  const longest = Math.max(queryMaxTokens, passageMaxTokens);
  return configOfSize(settings.size, {
    vocabSize,
    padTokenId,
    maxPositionEmbeddings: Math.max(512, longest),
  });
}

/** What the tokenizer is learnt from: passages, queries and the extra text. */
function tokenizerTexts(data: TeachData, settings: TeachSettings): TextGroup[] {
  const own = [...data.passages.map(passageText), ...data.queries.map((query) => query.text)];
  const extra = { texts: data.extraText, weight: settings.tokenizer.extraWeight };
  return [{ texts: own, weight: 1 }, ...(data.extraText.length > 0 ? [extra] : [])];
}

/** For each query the ordinals of passages that BM25 takes for relevant; nothing when none are asked for. */
async function hardNegatives(
  { passages, judgments }: TeachData,
  queries: readonly Query[],
  { batch }: Pick<TeachSettings, 'batch'>,
  control: StageControl,
): Promise<readonly Uint32Array[] | undefined> {
  if (batch.negatives === 0) return undefined;
  const index = await Bm25Index.create(passages, {}, control);
  const options = { depth: batch.negativeDepth, passages };
  return (await mineHardNegatives(index, queries, judgments, options, control)).negatives;
}

/** Ordinals of the relevant passages of each query that has one in the collection. */
function relevantOrdinals(
  judgments: readonly Judgment[],
  ordinals: ReadonlyMap<string, number>,
): Map<string, number[]> {
  const relevant = [...relevantPassages(judgments)].map(([query, passages]): [string, number[]] => [
    query,
    [...passages].flatMap((passage) => ordinals.get(passage) ?? []),
  ]);
  return new Map(relevant.filter(([, known]) => known.length > 0));
}

function splitDev(data: TeachData, seed: number) {
  if (data.dev) return { queries: data.queries, dev: data.dev };
  const order = new RandomStream(seed, 'teach/held-out').shuffle([...data.queries]);
  const held = new Set(order.slice(0, Math.floor(order.length * HELD_OUT)));
  return {
    queries: data.queries.filter((query) => !held.has(query)),
    dev: { queries: data.queries.filter((query) => held.has(query)), judgments: [] as Judgment[] },
  };
}

/** A sample of the dev queries with a pool of passages around them; the same for every seed. */
function sampleDev(
  queries: readonly Query[],
  relevant: ReadonlyMap<string, readonly number[]>,
  settings: Pick<TeachSettings, 'dev'>,
  maker: InputMaker,
  passage: (ordinal: number) => DevSet['passages'][number],
  count: number,
): DevSet {
  const stream = new RandomStream(0, 'teach/dev');
  const chosen = stream.shuffle(queries.filter(({ id }) => relevant.has(id))).slice(0, settings.dev.queries);
  const distractors = stream
    .shuffle(Array.from({ length: count }, (_, i) => i))
    .slice(0, settings.dev.distractors);
  const pool = [...new Set([...chosen.flatMap(({ id }) => relevant.get(id)!), ...distractors])];
  const place = new Map(pool.map((ordinal, i) => [ordinal, i]));
  return {
    queries: chosen.map(({ text }) => maker.query(text)),
    passages: pool.map(passage),
    relevant: chosen.map(({ id }) => new Set(relevant.get(id)!.map((ordinal) => place.get(ordinal)!))),
  };
}

function identityOf(
  settings: TeachSettings | TeachBaseSettings,
  data: TeachData,
  start: TeacherStart,
): string {
  const query = ({ id, text, answers }: Query) => [id, text, answers];
  const judgment = ({ query, passage, grade }: Judgment) => [query, passage, grade];
  return runIdentity(settings, {
    passages: data.passages.map((passage) => [passage.id, passageText(passage)]),
    queries: data.queries.map(query),
    judgments: data.judgments.map(judgment),
    devQueries: (data.dev?.queries ?? []).map(query),
    devJudgments: (data.dev?.judgments ?? []).map(judgment),
    extraText: data.extraText,
    base: data.base
      ? [
          ['tokenizer.json', start.tokenizer.fingerprint],
          ...graphIdentity(start.config),
          ...[...start.parameters].map(([name, { data: values }]) => [name, sha256(values)]),
        ]
      : [],
  });
}
