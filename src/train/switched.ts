/**
 * Code-switched training (arXiv 2305.05295, on a frozen index): a student query encoder, started from the teacher
 * or from one of its packs, learns to find the teacher's passages with questions whose words are switched.
 */
import { type Judgment, type Passage, passageText, type Query } from '../data/records.ts';
import { relevantPassages } from '../data/relevant.ts';
import { codeSwitcher } from '../data/switching/code-switcher.ts';
import type { SwitchReport } from '../data/switching/report.ts';
import type { SwitchLexicon } from '../data/switching/switch-lexicon.ts';
import { RefractError } from '../errors.ts';
import { Bm25Index, mineHardNegatives } from '../lexical/index.ts';
import type { RetrieverCheckpoint } from '../model/checkpoint.ts';
import { Encoder, type TextVectors } from '../model/encoder.ts';
import { modelFingerprint } from '../model/fingerprint.ts';
import { InputMaker } from '../model/input.ts';
import { teacherFields } from '../model/model-source.ts';
import { tokenizerOf } from '../model/tokenizer-files.ts';
import type { StageControl } from '../stage.ts';
import { frozenPassageObjective } from './frozen-passage-objective.ts';
import { copiedTensors } from './initialise.ts';
import { type TrainingReport, train } from './loop.ts';
import { loopControl, loopSettings, runIdentity, trainableNames } from './loop-settings.ts';
import { OpenSessions } from './open-sessions.ts';
import { freeWeights, placeWeights } from './place-weights.ts';
import { finishRun, runFolder } from './run-folder.ts';
import { packOf, startOf } from './student.ts';
import { drawnQuestions, SwitchedBatches, type SwitchedExample } from './switched-batches.ts';
import type { SwitchedSettings } from './switched-settings.ts';
import { TeacherVectors } from './teacher-vectors.ts';
import type { WorkControl } from './work.ts';

/** What a student of switched questions learns from. */
export interface SwitchedInput {
  readonly passages: readonly Passage[];
  /** Questions in the teacher's language. */
  readonly queries: readonly Query[];
  readonly judgments: readonly Judgment[];
  readonly lexicon: SwitchLexicon;
  /** Codes of the low-resource languages among those of the lexicon. */
  readonly low: readonly string[];
  /** The student's weights before training: a pack of the same teacher; default the teacher itself. */
  readonly start?: RetrieverCheckpoint;
  /** Hard negatives: ids of passages by question, hardest first; mined by BM25 when absent. */
  readonly negatives?: ReadonlyMap<string, readonly string[]>;
  /** The teacher's vectors of passages by their text, as far as known; students of one teacher may share them. */
  readonly passageVectors?: Map<string, TextVectors>;
}

/** What `teachSwitched` made. */
export interface SwitchedResult {
  readonly checkpoint: RetrieverCheckpoint;
  readonly report: TrainingReport;
  /** Asked against realised shares over all questions that were drawn, to which the quotas of `matched` belong too. */
  readonly switching: SwitchReport;
}

/**
 * Trains a student and writes it to `out` as a pack for the languages of the lexicon, as `distill` does. Errors:
 * those of the loop and of the checkpoint; `TEACHER_MISMATCH` when the teacher is a pack, or `start` is another
 * teacher's; `FILE_EMPTY` when no question has a passage; `SETTING_INVALID` for an impossible rho.
 *
 * @example await teachSwitched(teacher, { passages, queries, judgments, lexicon, low: ['sw'] }, switchedDefaults(), 'packs/switched')
 */
export async function teachSwitched(
  teacher: RetrieverCheckpoint,
  input: SwitchedInput,
  settings: SwitchedSettings,
  out: string,
  control: WorkControl = {},
): Promise<SwitchedResult> {
  const fingerprint = modelFingerprint(teacher);
  const start = startOf(teacher, input.start, fingerprint);
  const run = runFolder(out);
  const examples = await examplesOf(input, settings, { ...control, directory: run });
  const batching = {
    seed: settings.seed,
    batchSize: Math.min(settings.batch.queries, examples.length),
    negativesPerQuery: settings.batch.negatives,
  };
  const switcher = codeSwitcher(
    input.lexicon,
    { ...settings.switching, low: input.low, draw: 'token', seed: settings.seed },
    drawnQuestions(examples, batching, settings.train.steps * settings.train.accumulate),
  );
  const { retrieval } = start.settings;
  const { config, readings } = start;
  const maker = new InputMaker(tokenizerOf(start), retrieval, readings);
  const parameters = copiedTensors(start.tensors);
  const trainable = trainableNames(parameters.keys(), settings.train);
  placeWeights(parameters, trainable);
  const sessions = new OpenSessions();
  try {
    const encoder = sessions.keep(await Encoder.fromCheckpoint(teacher, control));
    const vectors = new TeacherVectors(encoder, 'passages', input.passageVectors);
    const lookUp = (ordinals: readonly number[]) =>
      vectors.of(ordinals.map((ordinal) => passageText(input.passages[ordinal])));
    const batches = new SwitchedBatches(examples, switcher, maker, lookUp, batching);
    // Every student of a comparison takes the same steps: nothing is measured and none stops early.
    const fixed = { ...settings, train: { ...settings.train, evaluateEvery: 0, patience: 0 } };
    const report = await train(
      {
        objective: frozenPassageObjective(config, retrieval.dim, settings.batch.temperature),
        parameters,
        trainable,
        batches,
      },
      loopSettings(fixed.train, control),
      loopControl(run, runIdentity(fixed, identityData(fingerprint, input)), control),
    );
    const switching = switcher.report();
    freeWeights(parameters, trainable);
    const checkpoint = packOf(start, {
      config,
      tensors: parameters,
      readings,
      settings: { languages: [...input.lexicon.languages], retrieval, teacher: fingerprint },
      training: { settings, report, ...teacherFields(teacher), switching },
    });
    await finishRun(run, out, checkpoint);
    return { checkpoint, report, switching };
  } finally {
    await sessions.close();
  }
}

/** Questions with the ordinals of their relevant passages and hard negatives; those without a passage are left out. */
async function examplesOf(
  input: SwitchedInput,
  { batch }: SwitchedSettings,
  control: StageControl,
): Promise<SwitchedExample[]> {
  const { passages, queries, judgments } = input;
  const ordinals = new Map(passages.map(({ id }, i) => [id, i]));
  const ordinalsOf = (ids: Iterable<string> = []) => [...ids].flatMap((id) => ordinals.get(id) ?? []);
  const relevant = relevantPassages(judgments);
  const mined =
    batch.negatives === 0 || input.negatives
      ? undefined
      : await mineHardNegatives(
          await Bm25Index.create(passages, {}, control),
          queries,
          judgments,
          { depth: batch.negativeDepth, passages },
          control,
        );
  const examples = queries.flatMap(({ id, text }, q) => {
    const positives = ordinalsOf(relevant.get(id));
    const negatives = mined ? [...mined.negatives[q]] : ordinalsOf(input.negatives?.get(id));
    return positives.length > 0 ? [{ text, positives, negatives }] : [];
  });
  if (examples.length > 0) return examples;
  throw new RefractError('FILE_EMPTY', 'no query has a relevant passage', {
    hint: 'The judgments must give the training queries passages of grade 1 or more.',
  });
}

function identityData(teacher: string, input: SwitchedInput) {
  const { passages, queries, judgments, lexicon, low, start, negatives } = input;
  return {
    models: [teacher, start ? modelFingerprint(start) : ''],
    passages: passages.map((passage) => [passage.id, passageText(passage)]),
    queries: queries.map(({ id, text, answers }) => [id, text, answers]),
    judgments: judgments.map(({ query, passage, grade }) => [query, passage, grade]),
    negatives: [...(negatives ?? [])],
    languages: lexicon.languages.map((language) => [language, low.includes(language)]),
    lexicon: [lexicon.contentHash()],
  };
}
