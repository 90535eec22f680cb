/**
 * Training a reader: an encoder learns to find answers in passages, as a span of them (Rajpurkar et al. 2016), from
 * examples of SQuAD's kind.
 */
import type { Example } from '../data/records.ts';
import { RefractError } from '../errors.ts';
import type { Checkpoint } from '../model/checkpoint.ts';
import type { EncoderConfig } from '../model/config.ts';
import { parameterShapes, WORD_TABLE } from '../model/families/index.ts';
import { modelFingerprint } from '../model/fingerprint.ts';
import { baseField } from '../model/model-source.ts';
import { readerShapes } from '../model/reader.ts';
import { ReaderInput } from '../model/reader-input.ts';
import type { FloatTensor } from '../model/safetensors.ts';
import { SETTINGS_VERSION } from '../model/settings.ts';
import { type ReaderCheckpoint, SpanReader } from '../model/span-reader.ts';
import { tokenizerOf } from '../model/tokenizer-files.ts';
import { RandomStream } from '../random.ts';
import { mapInTurns, type StageControl } from '../stage.ts';
import type { TokenOffsets } from '../text/token-offsets.ts';
import { VERSION } from '../version.ts';
import { initialTensor } from './initialise.ts';
import { type TrainingReport, train } from './loop.ts';
import {
  graphIdentity,
  loopControl,
  loopSettings,
  runIdentity,
  sha256,
  trainableNames,
} from './loop-settings.ts';
import { freeWeights, placeWeights } from './place-weights.ts';
import { answerRange, labelledWindows, ReadBatches } from './read-batches.ts';
import { readObjective } from './read-objective.ts';
import type { ReadSettings } from './read-settings.ts';
import { finishRun, runFolder } from './run-folder.ts';
import type { OnPart, WorkControl } from './work.ts';

/** What a reader is trained on. */
export interface ReadData {
  /** The encoder, with its tokenizer: a teacher, a pack, a pretrained one, or another tool's. */
  readonly base: Checkpoint;
  readonly examples: readonly Example[];
  /** Held-out examples for the dev measure; without them a twentieth of the contexts is held out. */
  readonly dev?: readonly Example[];
  /** Languages of the examples, for `refract.json`. */
  readonly languages?: readonly string[];
}

/** What a reader was made of. */
export interface ReadResult {
  readonly checkpoint: ReaderCheckpoint;
  readonly report: TrainingReport;
  /** Windows that were trained on, and how many of them hold the answer. */
  readonly windows: { readonly all: number; readonly answered: number };
  /** Examples whose answers are no spans of their contexts; they were left out. */
  readonly unusable: number;
}

/** Share of the contexts held out when no dev examples are given. */
const HELD_OUT = 0.05;

/**
 * Trains a reader and writes it to `out`, with tensor names of `BertForQuestionAnswering`, or that of the base's family (a checkpoint folder with
 * `metrics.jsonl`; in `out`.unfinished until then). A head that the base has is trained on. The dev measure is the
 * mean F1 of predicted and true answer as sets of characters of the gold context. Errors: those of the loop and of
 * the checkpoint; `FILE_EMPTY` when no example has an answer in its context; `SETTING_INVALID` when windows are
 * longer than the encoder can read. A reader of a teacher whose word table was frozen says so, and may be given the
 * words of the teacher's packs (`withWordsOf`).
 *
 * @example await trainReader({ base, examples }, readDefaults(base.config), 'reader')
 */
export async function trainReader(
  data: ReadData,
  settings: ReadSettings,
  out: string,
  control: WorkControl = {},
): Promise<ReadResult> {
  const { base } = data;
  const { config } = base;
  checkLength(settings, config);
  const run = runFolder(out);
  const stages: StageControl = { ...control, directory: run };
  const maker = new ReaderInput(tokenizerOf(base), settings.reading, base.readings);
  const parameters = startWeights(base, settings.seed);
  const { examples, dev } = splitDev(data, settings);

  const contexts = new Map<string, TokenOffsets>();
  const contextOf = (text: string) => {
    const known = contexts.get(text) ?? maker.passage(text);
    contexts.set(text, known);
    return known;
  };
  const cut = (example: Example) => labelledWindows(example, maker, contextOf(example.context));
  const cuts = await mapInTurns(examples, cut, 'reading contexts', 'questions', stages);
  const windows = cuts.flatMap((each) => each ?? []);
  const answered = windows.filter(({ end }) => end > 0).length;
  if (answered === 0)
    throw new RefractError('FILE_EMPTY', 'no example has an answer in its context', {
      hint: 'Answers must stand in the context letter for letter, at the place that the example says.',
    });

  const trainable = trainableNames(parameters.keys(), settings.train);
  placeWeights(parameters, trainable);
  const reader = await SpanReader.create(config, parameters, maker, { ...control, live: true });
  try {
    const report = await train(
      {
        objective: readObjective(config),
        parameters,
        trainable,
        batches: new ReadBatches(
          windows,
          { size: settings.batch.windows, seed: settings.seed, padId: maker.padId },
          config,
        ),
        evaluate: dev.length > 0 ? (onPart) => characterF1(reader, dev, onPart) : undefined,
      },
      loopSettings(settings.train, control),
      loopControl(run, identityOf(settings, data, parameters), control),
    );
    const heads = new Set(readerShapes(config).map(([name]) => name));
    const unusable = cuts.filter((each) => each === undefined).length;
    freeWeights(parameters, trainable);
    const checkpoint: ReaderCheckpoint = {
      config,
      tensors: new Map([...parameters].filter(([name]) => !heads.has(name))),
      heads: new Map([...parameters].filter(([name]) => heads.has(name))),
      tokenizerJson: base.tokenizerJson,
      tokenizerConfig: base.tokenizerConfig,
      specialTokensMap: base.specialTokensMap,
      readings: base.readings,
      settings: {
        version: SETTINGS_VERSION,
        createdWith: VERSION,
        kind: 'reader',
        languages: [...(data.languages ?? ['en'])],
        reading: settings.reading,
        teacher: trainable.has(WORD_TABLE) ? undefined : teacherFingerprint(base),
        readings: base.readings !== undefined,
        training: {
          settings: JSON.parse(JSON.stringify(settings)),
          report: JSON.parse(JSON.stringify(report)),
          ...baseField(base),
          windows: windows.length,
          answered,
          unusable,
        },
      },
    };
    await finishRun(run, out, checkpoint);
    return { checkpoint, report, windows: { all: windows.length, answered }, unusable };
  } finally {
    await reader.close();
  }
}

function checkLength({ reading }: ReadSettings, { maxPositionEmbeddings }: EncoderConfig): void {
  if (reading.windowTokens <= maxPositionEmbeddings) return;
  throw new RefractError(
    'SETTING_INVALID',
    `reading.windowTokens is ${reading.windowTokens}, the encoder reads at most ${maxPositionEmbeddings}`,
    { hint: `Use --set reading.windowTokens=${maxPositionEmbeddings} or less.` },
  );
}

/** The encoder's weights without other heads, and its reader's head where it has one, else a fresh one. */
function startWeights({ config, tensors, heads }: Checkpoint, seed: number): Map<string, FloatTensor> {
  const copy = (tensor: FloatTensor): FloatTensor => ({ ...tensor, data: tensor.data.slice() });
  const weights = new Map(parameterShapes(config).map(([name]) => [name, copy(tensors.get(name)!)]));
  for (const [name, shape] of readerShapes(config)) {
    const given = heads?.get(name);
    const fits = given !== undefined && given.shape.join() === shape.join();
    weights.set(name, fits ? copy(given) : initialTensor(name, shape, seed));
  }
  return weights;
}

/** Undefined for what is no teacher. */
function teacherFingerprint({ settings, ...base }: Checkpoint): string | undefined {
  return settings?.kind === 'teacher' ? modelFingerprint({ ...base, settings }) : undefined;
}

/** Training and dev examples; those held out share no context with the others. The sample is that of every seed. */
function splitDev({ examples, dev }: ReadData, settings: ReadSettings) {
  const sample = (some: readonly Example[]) =>
    new RandomStream(0, 'read/dev')
      .shuffle(some.filter((example) => answerRange(example) !== undefined))
      .slice(0, settings.dev.questions);
  if (dev !== undefined) return { examples, dev: sample(dev) };
  if (settings.dev.questions === 0) return { examples, dev: [] };
  const contexts = [...new Set(examples.map(({ context }) => context))];
  const order = new RandomStream(settings.seed, 'read/held-out').shuffle(contexts);
  const held = new Set(order.slice(0, Math.floor(order.length * HELD_OUT)));
  return {
    examples: examples.filter(({ context }) => !held.has(context)),
    dev: sample(examples.filter(({ context }) => held.has(context))),
  };
}

/** F1 of predicted and true range of characters, the mean over examples. */
async function characterF1(reader: SpanReader, dev: readonly Example[], onPart: OnPart): Promise<number> {
  const questions = dev.map(({ question, context }) => ({ question, passages: [{ text: context }] }));
  const answers = await reader.answers(questions, { onQuestions: (done) => onPart(done, dev.length) });
  let total = 0;
  dev.forEach((example, i) => {
    const [start, end] = answerRange(example)!;
    const found = answers[i];
    if (found === undefined) return;
    const shared = Math.max(0, Math.min(end, found.end) - Math.max(start, found.start));
    total += (2 * shared) / (end - start + (found.end - found.start));
  });
  return total / dev.length;
}

function identityOf(
  settings: ReadSettings,
  { base, examples, dev = [] }: ReadData,
  start: ReadonlyMap<string, FloatTensor>,
): string {
  const record = ({ id, question, context, answers, answerStarts }: Example) => [
    id,
    question,
    context,
    answers,
    answerStarts,
  ];
  return runIdentity(settings, {
    examples: examples.map(record),
    dev: dev.map(record),
    tokenizer: [tokenizerOf(base).fingerprint],
    base: [...graphIdentity(base.config), ...[...start].map(([name, { data }]) => [name, sha256(data)])],
    ...(base.readings && { readings: [[...base.readings.rows], [...base.readings.logOdds]] }),
  });
}
