/**
 * OPTICAL: distilling a teacher into a query encoder of another language from sentence pairs alone, on a
 * frozen index. Started from the teacher, given a head start by word alignment, trained on transport plans,
 * and held to the teacher by an anchor of texts in the teacher's language.
 */
import { join } from 'node:path';
import type { SentencePair } from '../data/records.ts';
import { RefractError } from '../errors.ts';
import { adapterNames, mergeAdapters } from '../model/adapters.ts';
import type { RetrieverCheckpoint } from '../model/checkpoint.ts';
import { writeDifference } from '../model/difference-folder.ts';
import { Encoder } from '../model/encoder.ts';
import { WORD_TABLE } from '../model/families/index.ts';
import { modelFingerprint } from '../model/fingerprint.ts';
import { type EncoderInput, InputMaker } from '../model/input.ts';
import { teacherFields } from '../model/model-source.ts';
import { makeReadings, withSecondRows } from '../model/readings.ts';
import { withLongerQueries } from '../model/settings.ts';
import { tokenizerOf } from '../model/tokenizer-files.ts';
import { mapInTurns, Stage, type StageControl } from '../stage.ts';
import { collapseWarning } from '../transport/entropy.ts';
import {
  documentFrequencies,
  idfMarginal,
  inverseDocumentFrequency,
  uniformMarginal,
} from '../transport/marginals.ts';
import { AlignmentMemory } from './alignment.ts';
import { characterModels } from './character-models.ts';
import { DistillBatches, type DistillData, type TokenMass } from './distill-batches.ts';
import type { DistillSettings } from './distill-settings.ts';
import { giveHeadStart } from './head-start.ts';
import { holdOut } from './held-out-pairs.ts';
import { copiedTensors, initialAdapters } from './initialise.ts';
import { type TrainingReport, train } from './loop.ts';
import { loopControl, loopSettings, runIdentity, trainableNames } from './loop-settings.ts';
import { readMetrics } from './metrics-log.ts';
import { OpenSessions } from './open-sessions.ts';
import { opticalObjective, type SolverSettings } from './optical-objective.ts';
import { describePackData, type PackData } from './pack-data.ts';
import { freeWeights, placeWeights } from './place-weights.ts';
import { finishRun, runFolder } from './run-folder.ts';
import { checkIsTeacher, packOf } from './student.ts';
import { TeacherVectors } from './teacher-vectors.ts';
import { TranslationMeasure } from './translation-measure.ts';
import type { WorkControl } from './work.ts';

/** Tokens in nearly every text, the markers among them, keep this weight: their vectors are searched with, too. */
const LEAST_IDF = 0.5;

/** The language of a teacher that does not say any. */
const USUAL_PIVOT = 'en';

/** What a pack is made from. */
export interface DistillInput extends DistillData, Pick<PackData, 'licence' | 'licences'> {
  /** Held-out pairs for the dev measure; a few of `pairs` are held out where none are given. */
  readonly dev?: readonly SentencePair[];
  /** What other packs of the same data have aligned. */
  readonly memory?: AlignmentMemory;
}

/** How a pack is made and written. */
export interface DistillControl extends WorkControl {
  /**
   * Write a whole model, or only the difference from the teacher; the default is `difference` for a pack of adapters,
   * which it keeps as they are, and `whole` for others.
   */
  readonly pack?: 'whole' | 'difference';
}

/** What `distill` made. */
export interface DistillResult {
  readonly checkpoint: RetrieverCheckpoint;
  readonly report: TrainingReport;
  /** RR@10 of the held-out sentences among their translations: the teacher's own, and the pack's. */
  readonly dev?: { readonly pairs: number; readonly before: number; readonly after: number };
  /** What looks wrong, a sentence each. */
  readonly warnings: readonly string[];
}

/**
 * Makes a language pack for every language of `input.pairs` together and writes it to `out` (a checkpoint folder
 * with `metrics.jsonl`; in `out`.unfinished until then). Errors: those of the loop and of the checkpoint,
 * `BITEXT_EMPTY`, `TEACHER_MISMATCH` when the teacher is a pack.
 *
 * @example await distill(readCheckpoint('teacher'), { pairs, dictionaries, anchors }, distillDefaults(), 'pack-sw')
 */
export async function distill(
  teacher: RetrieverCheckpoint,
  input: DistillInput,
  settings: DistillSettings,
  out: string,
  control: DistillControl = {},
): Promise<DistillResult> {
  checkIsTeacher(teacher, 'Distil from the teacher that the index was made with.');
  const run = runFolder(out);
  const stages: StageControl = { ...control, directory: run };
  const { pairs, dev } = holdOut(input, settings.seed);
  if (pairs.length === 0) {
    throw new RefractError('BITEXT_EMPTY', 'no sentence pair to learn from', { hint: 'Give more bitext.' });
  }
  const tokenizer = tokenizerOf(teacher);
  const retrieval = teacher.settings.retrieval;
  const longest = Math.min(
    teacher.config.maxPositionEmbeddings,
    Math.max(settings.maxTokens, retrieval.queryMaxTokens),
  );
  const reading = withLongerQueries(retrieval, longest);
  const data = { pairs, dictionaries: input.dictionaries, anchors: input.anchors };
  const { memory = new AlignmentMemory() } = input;
  const alignment = await memory.of(data, tokenizer, teacher.tokenizerJson, settings.align, stages);
  const [pivot = USUAL_PIVOT] = teacher.settings.languages;
  const characters = await characterModels(pairs, pivot, stages);
  const readings = settings.align.twoReadings ? makeReadings(alignment.use) : undefined;
  const maker = new InputMaker(tokenizer, reading, readings);
  const parameters = copiedTensors(teacher.tensors);
  const words = teacher.tensors.get(WORD_TABLE)!;
  if (readings) parameters.set(WORD_TABLE, withSecondRows(words, readings));
  const config = { ...teacher.config, vocabSize: parameters.get(WORD_TABLE)!.shape[0] };
  const { adapters } = settings.train;
  if (adapters)
    for (const [name, tensor] of initialAdapters(parameters, adapters, settings.seed))
      parameters.set(name, tensor);
  const trainable = trainableNames(parameters.keys(), settings.train);
  for (const name of trainable) if (parameters.has(adapterNames(name).a)) trainable.delete(name);
  placeWeights(parameters, trainable);
  const sessions = new OpenSessions();
  try {
    const teacherEncoder = sessions.keep(
      await Encoder.create(teacher.config, teacher.tensors, new InputMaker(tokenizer, reading), control),
    );
    const student = sessions.keep(
      await Encoder.create(config, parameters, maker, { ...control, live: true, adapters }),
    );
    const [teacherMass, studentMass] = await masses(settings, maker, pairs, stages);
    const teacherVectors = new TeacherVectors(teacherEncoder);
    const anchored = settings.batch.anchors > 0 && input.anchors.length > 0;
    const batches = new DistillBatches(
      data,
      maker,
      teacherVectors,
      { ...settings.batch, seed: settings.seed },
      teacherMass,
      studentMass,
    );
    const zeroShot = new Stage('measuring the teacher', 3 * dev.length, 'texts', stages);
    const measure = sessions.keep(
      await TranslationMeasure.create(teacherEncoder, dev, {
        threads: control.threads,
        onPart: (done) => zeroShot.report(done),
      }),
    );
    const tell = (done: number) => zeroShot.report(dev.length + done);
    const before = dev.length > 0 ? await measure.of(teacherEncoder, tell) : 0;
    zeroShot.end(`RR@10 ${before.toFixed(4)}`);
    await giveHeadStart(
      parameters.get(WORD_TABLE)!,
      words.data,
      { ...alignment, rows: readings?.rows },
      {
        maker,
        teacher: teacherVectors,
        student,
        masses: [teacherMass, studentMass],
        solver: solver(settings),
        threads: control.threads,
      },
      { ...input, pairs },
      settings,
      stages,
      dev.length > 0 ? () => measure.of(student) : undefined,
    );
    const report = await train(
      {
        objective: opticalObjective(config, retrieval.dim, {
          transport: solver(settings),
          throughPlan: settings.transport.throughPlan,
          anchorWeight: anchored ? settings.anchorWeight : 0,
          adapters,
        }),
        parameters,
        trainable,
        batches,
        evaluate: dev.length > 0 ? (onPart) => measure.of(student, onPart) : undefined,
      },
      loopSettings(settings.train, control),
      loopControl(run, identityOf(teacher, settings, input), control),
    );
    const entropy =
      readMetrics(join(run, 'metrics.jsonl')).findLast((line) => 'entropy' in line)?.entropy ?? 0;
    const warning = collapseWarning(entropy);
    const languages = [...new Set(pairs.map(({ language }) => language))];
    freeWeights(parameters, trainable);
    const measured = dev.length > 0 && {
      pairs: dev.length,
      before,
      after: report.best?.value ?? (await measure.of(student)),
    };
    const merged = adapters
      ? mergeAdapters(parameters, adapters)
      : { tensors: parameters, factors: undefined };
    const checkpoint = packOf(teacher, {
      config,
      tensors: merged.tensors,
      readings,
      characterModels: characters,
      settings: { languages, retrieval: reading, teacher: modelFingerprint(teacher) },
      training: {
        settings,
        report,
        ...teacherFields(teacher),
        pairs: Object.fromEntries(
          languages.map((l) => [l, pairs.filter(({ language }) => language === l).length]),
        ),
        entropy,
        data: describePackData({ ...input, pairs }),
        ...(measured && { dev: measured }),
      },
    });
    const form = control.pack ?? (adapters ? 'difference' : 'whole');
    const { factors } = merged;
    await finishRun(
      run,
      out,
      checkpoint,
      form === 'difference' ? () => writeDifference(out, checkpoint, teacher, { factors }) : undefined,
    );
    return {
      checkpoint,
      report,
      dev: measured || undefined,
      warnings: warning ? [warning] : [],
    };
  } finally {
    await sessions.close();
  }
}

function solver({ transport }: DistillSettings): SolverSettings {
  const { epsilon, tau, beta, iterations } = transport;
  switch (transport.solver) {
    case 'sinkhorn':
      return { solver: 'sinkhorn', epsilon, iterations };
    case 'unbalanced':
      return { solver: 'unbalanced', epsilon, tau, iterations };
    case 'ipot':
      return { solver: 'ipot', beta, iterations };
  }
}

/** Masses of teacher's and student's tokens. */
async function masses(
  settings: DistillSettings,
  maker: InputMaker,
  pairs: readonly SentencePair[],
  control: StageControl,
): Promise<[TokenMass, TokenMass]> {
  if (settings.marginals === 'uniform') {
    const uniform = (text: EncoderInput) => uniformMarginal(text.ids.length);
    return [uniform, uniform];
  }
  const idf = async (side: 'pivot' | 'target') => {
    const read = (pair: SentencePair) => maker.query(pair[side]).ids;
    const texts = await mapInTurns(pairs, read, 'counting tokens', 'texts', control);
    const frequencies = documentFrequencies(texts, maker.tokenizer.vocabSize);
    return inverseDocumentFrequency(frequencies, texts.length).map((weight) => Math.max(weight, LEAST_IDF));
  };
  const pivot = await idf('pivot');
  // A student's text may be mixed (switched questions): a word that is common in either language is light.
  const target = (await idf('target')).map((weight, id) => Math.min(weight, pivot[id]));
  return [({ ids }) => idfMarginal(ids, pivot), ({ ids }) => idfMarginal(ids, target)];
}

function identityOf(teacher: RetrieverCheckpoint, settings: DistillSettings, input: DistillInput): string {
  const line = ({ language, source, pivot, target }: SentencePair) => [language, source, pivot, target];
  return runIdentity(settings, {
    teacher: [modelFingerprint(teacher)],
    pairs: input.pairs.map(line),
    dev: (input.dev ?? []).map(line),
    dictionaries: [...input.dictionaries].map(([language, entries]) => [language, entries.map(line)]),
    anchors: input.anchors,
  });
}
