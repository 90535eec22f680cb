/**
 * Students of sentence pairs by published baselines, to compare OPTICAL with on the same teacher and bitext:
 * sentence-level distillation (`sentence-mse-objective.ts`), and contrastive training, in which a sentence finds the
 * teacher's passage vectors of its translation among those of the batch (`frozen-passage-objective.ts`).
 */
import type { SentencePair } from '../data/records.ts';
import { RefractError } from '../errors.ts';
import type { RetrieverCheckpoint } from '../model/checkpoint.ts';
import { Encoder } from '../model/encoder.ts';
import { modelFingerprint } from '../model/fingerprint.ts';
import { InputMaker } from '../model/input.ts';
import { teacherFields } from '../model/model-source.ts';
import { withLongerQueries } from '../model/settings.ts';
import { tokenizerOf } from '../model/tokenizer-files.ts';
import { Stage, type StageControl } from '../stage.ts';
import { BitextBatches, contrastiveFeeds, sentenceFeeds } from './bitext-batches.ts';
import type { BitextSettings } from './bitext-settings.ts';
import { frozenPassageObjective } from './frozen-passage-objective.ts';
import { holdOut } from './held-out-pairs.ts';
import { copiedTensors } from './initialise.ts';
import { type TrainingReport, train } from './loop.ts';
import { loopControl, loopSettings, runIdentity, trainableNames } from './loop-settings.ts';
import { OpenSessions } from './open-sessions.ts';
import { freeWeights, placeWeights } from './place-weights.ts';
import { finishRun, runFolder } from './run-folder.ts';
import { sentenceMseObjective } from './sentence-mse-objective.ts';
import { packOf, startOf } from './student.ts';
import { TeacherVectors } from './teacher-vectors.ts';
import { TranslationMeasure } from './translation-measure.ts';
import type { WorkControl } from './work.ts';

/** What such a student learns from. */
export interface BitextInput {
  readonly pairs: readonly SentencePair[];
  /** Held-out pairs for the dev measure; a few of `pairs` are held out where none are given. */
  readonly dev?: readonly SentencePair[];
  /** The student's weights before training: a pack of the same teacher; default the teacher itself. */
  readonly start?: RetrieverCheckpoint;
}

/** What `teachBitext` made. */
export interface BitextResult {
  readonly checkpoint: RetrieverCheckpoint;
  readonly report: TrainingReport;
}

/**
 * Trains a student for the languages of `input.pairs` and writes it to `out` as a pack, as `distill` does. Errors:
 * those of the loop and of the checkpoint; `BITEXT_EMPTY`; `TEACHER_MISMATCH` when the teacher is a pack, or `start`
 * is another teacher's.
 *
 * @example await teachBitext(readCheckpoint('teacher'), { pairs }, contrastiveDefaults(), 'packs/contrastive')
 */
export async function teachBitext(
  teacher: RetrieverCheckpoint,
  input: BitextInput,
  settings: BitextSettings,
  out: string,
  control: WorkControl = {},
): Promise<BitextResult> {
  const fingerprint = modelFingerprint(teacher);
  const start = startOf(teacher, input.start, fingerprint);
  const { pairs, dev } = holdOut(input, settings.seed);
  if (pairs.length === 0)
    throw new RefractError('BITEXT_EMPTY', 'no sentence pair to learn from', { hint: 'Give more bitext.' });
  const run = runFolder(out);
  const stages: StageControl = { ...control, directory: run };
  const { config, readings } = start;
  const longest = Math.max(settings.maxTokens, start.settings.retrieval.queryMaxTokens);
  const retrieval = withLongerQueries(
    teacher.settings.retrieval,
    Math.min(config.maxPositionEmbeddings, longest),
  );
  const tokenizer = tokenizerOf(start);
  const maker = new InputMaker(tokenizer, retrieval, readings);
  const parameters = copiedTensors(start.tensors);
  const trainable = trainableNames(parameters.keys(), settings.train);
  placeWeights(parameters, trainable);
  const sessions = new OpenSessions();
  try {
    const teacherMaker = new InputMaker(tokenizer, retrieval);
    const teacherEncoder = sessions.keep(
      await Encoder.create(teacher.config, teacher.tensors, teacherMaker, control),
    );
    const student = sessions.keep(
      await Encoder.create(config, parameters, maker, { ...control, live: true }),
    );
    const preparing = new Stage('encoding dev pairs', dev.length, 'texts', stages);
    const measure = sessions.keep(
      await TranslationMeasure.create(teacherEncoder, dev, {
        threads: control.threads,
        onPart: (done) => preparing.report(done),
      }),
    );
    preparing.end();
    const { dim } = retrieval;
    const sentences = settings.objective === 'sentence-mse';
    const vectors = new TeacherVectors(teacherEncoder, sentences ? 'queries' : 'passages');
    const feeds = sentences ? sentenceFeeds(maker, vectors) : contrastiveFeeds(maker, vectors);
    const report = await train(
      {
        objective: sentences
          ? sentenceMseObjective(config, dim)
          : frozenPassageObjective(config, dim, settings.softmaxTemperature),
        parameters,
        trainable,
        batches: new BitextBatches(pairs, feeds, { seed: settings.seed, ...settings.batch }),
        evaluate: dev.length > 0 ? (onPart) => measure.of(student, onPart) : undefined,
      },
      loopSettings(settings.train, control),
      loopControl(run, runIdentity(settings, identityData(fingerprint, input)), control),
    );
    const languages = [...new Set(pairs.map(({ language }) => language))];
    freeWeights(parameters, trainable);
    const checkpoint = packOf(start, {
      config,
      tensors: parameters,
      readings,
      settings: { languages, retrieval, teacher: fingerprint },
      training: { settings, report, ...teacherFields(teacher) },
    });
    await finishRun(run, out, checkpoint);
    return { checkpoint, report };
  } finally {
    await sessions.close();
  }
}

function identityData(teacher: string, { pairs, dev = [], start }: BitextInput) {
  const line = ({ language, source, pivot, target }: SentencePair) => [language, source, pivot, target];
  return {
    models: [teacher, start ? modelFingerprint(start) : ''],
    pairs: pairs.map(line),
    dev: dev.map(line),
  };
}
