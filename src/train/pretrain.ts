/**
 * Pretraining: an encoder learns a language from plain text by masked-language modelling, as a start for a
 * teacher (`teach` with it as the base). From scratch, with a tokenizer learnt or given, or from a base.
 */
import { RefractError } from '../errors.ts';
import type { Checkpoint } from '../model/checkpoint.ts';
import { configOfSize, type EncoderConfig } from '../model/config.ts';
import { maskedLmShapes } from '../model/masked-lm.ts';
import { baseField } from '../model/model-source.ts';
import type { FloatTensor } from '../model/safetensors.ts';
import { SETTINGS_VERSION } from '../model/settings.ts';
import type { JsonObject } from '../model/tokenizer-files.ts';
import { tokenizerOf } from '../model/tokenizer-files.ts';
import { RandomStream } from '../random.ts';
import { Stage, type StageControl } from '../stage.ts';
import { loadTokenizer, type TextTokenizer } from '../text/tokenizer.ts';
import { VERSION } from '../version.ts';
import { initialTensor, scratchWeights } from './initialise.ts';
import { type TrainingReport, train } from './loop.ts';
import {
  graphIdentity,
  loopControl,
  loopSettings,
  runIdentity,
  sha256,
  trainableNames,
} from './loop-settings.ts';
import { MlmBatches, packWindows, TokenMasker } from './mlm-batches.ts';
import { MlmMeasure } from './mlm-measure.ts';
import { mlmObjective } from './mlm-objective.ts';
import { checkOneReading } from './one-reading.ts';
import { freeWeights, placeWeights } from './place-weights.ts';
import type { PretrainSettings } from './pretrain-settings.ts';
import { finishRun, runFolder } from './run-folder.ts';
import { runTokenizer } from './run-tokenizer.ts';
import type { WorkControl } from './work.ts';

/** What an encoder is pretrained on. */
export interface PretrainData {
  /** Lines or paragraphs, in an order in which neighbours may belong together. */
  readonly texts: readonly string[];
  /** The content of a `tokenizer.json` to use; learnt from the texts where neither it nor `base` is given. */
  readonly tokenizerJson?: JsonObject;
  /** Continue from this encoder, with its tokenizer, and with its language-model head where it has one. */
  readonly base?: Checkpoint;
}

/** At most this share of the windows is held out for the dev measure. */
const MOST_HELD_OUT = 0.05;

/**
 * Pretrains an encoder and writes it to `out`, with its language-model head, so that it opens in transformers
 * as `BertForMaskedLM`, or that of the base's family, and here as a base of `teach` (a checkpoint folder with `metrics.jsonl`; in
 * `out`.unfinished until then). The dev measure is the negative loss on held-out windows. Errors: those of the
 * loop and of the checkpoint, `FILE_EMPTY` when there is no text, `TEACHER_MISMATCH` when the base's tokens have
 * second word vectors.
 *
 * @example
 * const { report } = await pretrain({ texts }, pretrainDefaults('mini'), 'pretrained');
 * const base = readCheckpoint('pretrained', { allowBase: true });
 * await teach({ ...data, base }, teachBaseDefaults(base), 'teacher');
 */
export async function pretrain(
  data: PretrainData,
  settings: PretrainSettings,
  out: string,
  control: WorkControl = {},
): Promise<{ checkpoint: Checkpoint; report: TrainingReport }> {
  if (data.base) checkOneReading(data.base);
  const run = runFolder(out);
  const stages: StageControl = { ...control, directory: run };
  const tokenizerJson = data.base?.tokenizerJson ??
    data.tokenizerJson ?? {
      ...(await runTokenizer(run, [{ texts: data.texts, weight: 1 }], settings.tokenizer, control)),
    };
  const tokenizer = data.base ? tokenizerOf(data.base) : loadTokenizer(tokenizerJson);
  const config = data.base?.config ?? scratchConfig(settings, tokenizer);
  const parameters = startWeights(data.base, config, settings);
  const { windows, dev } = await splitWindows(tokenizer, data.texts, config, settings, stages);
  const masker = new TokenMasker(tokenizer, settings.mask);
  const objective = mlmObjective(config);
  const trainable = trainableNames(parameters.keys(), settings.train);
  placeWeights(parameters, trainable);
  const measure =
    dev.length > 0
      ? await MlmMeasure.create(objective, parameters, masker, dev, settings.batch.windows, control)
      : undefined;
  try {
    const report = await train(
      {
        objective,
        parameters,
        trainable,
        batches: new MlmBatches(windows, masker, settings.batch.windows, settings.seed),
        evaluate: measure && (async (onPart) => -(await measure.loss(onPart))),
      },
      loopSettings(settings.train, control),
      loopControl(run, identityOf(settings, data, tokenizer), control),
    );
    const heads = new Set(maskedLmShapes(config).map(([name]) => name));
    freeWeights(parameters, trainable);
    const checkpoint: Checkpoint = {
      config,
      tensors: new Map([...parameters].filter(([name]) => !heads.has(name))),
      heads: new Map([...parameters].filter(([name]) => heads.has(name))),
      tokenizerJson,
      tokenizerConfig: data.base?.tokenizerConfig,
      specialTokensMap: data.base?.specialTokensMap,
      settings: {
        version: SETTINGS_VERSION,
        createdWith: VERSION,
        kind: 'pretrained',
        languages: [],
        training: {
          settings: JSON.parse(JSON.stringify(settings)),
          report: JSON.parse(JSON.stringify(report)),
          ...baseField(data.base),
          windows: windows.length,
        },
      },
    };
    await finishRun(run, out, checkpoint);
    return { checkpoint, report };
  } finally {
    await measure?.close();
  }
}

function scratchConfig(settings: PretrainSettings, tokenizer: TextTokenizer): EncoderConfig {
  return configOfSize(settings.size, {
    vocabSize: tokenizer.vocabSize,
    padTokenId: tokenizer.roleId('pad'),
  });
}

/** A base's weights, with its language-model head where it has one; else fresh ones. */
function startWeights(
  base: Checkpoint | undefined,
  config: EncoderConfig,
  settings: PretrainSettings,
): Map<string, FloatTensor> {
  const weights = base
    ? new Map([...base.tensors].map(([name, t]) => [name, copyOf(t)]))
    : scratchWeights(config, { freeze: settings.train.freeze, seed: settings.seed });
  // A teacher's projection is none of the encoder's.
  const encoder = new Map([...weights].filter(([name]) => name !== 'linear.weight'));
  for (const [name, shape] of maskedLmShapes(config)) {
    const given = base?.heads?.get(name);
    const fits = given !== undefined && given.shape.join() === shape.join();
    encoder.set(name, fits ? copyOf(given) : initialTensor(name, shape, settings.seed));
  }
  return encoder;
}

function copyOf(tensor: FloatTensor): FloatTensor {
  return { ...tensor, data: tensor.data.slice() };
}

async function splitWindows(
  tokenizer: TextTokenizer,
  texts: readonly string[],
  config: EncoderConfig,
  settings: PretrainSettings,
  control: StageControl,
): Promise<{ windows: Int32Array[]; dev: Int32Array[] }> {
  const stage = new Stage('reading text', texts.length, 'texts', control);
  const length = Math.min(settings.windowTokens, config.maxPositionEmbeddings);
  const all = await packWindows(tokenizer, texts, length, stage);
  stage.end(`${all.length} windows of up to ${length} tokens`);
  if (all.length === 0) {
    throw new RefractError('FILE_EMPTY', 'there is no text to learn from', {
      hint: 'Give files with text, a sentence or paragraph a line.',
    });
  }
  const held = Math.min(settings.dev.windows, Math.floor(all.length * MOST_HELD_OUT));
  const order = new RandomStream(settings.seed, 'pretrain/held-out').shuffle([...all.keys()]);
  const chosen = new Set(order.slice(0, held));
  return { windows: all.filter((_, i) => !chosen.has(i)), dev: all.filter((_, i) => chosen.has(i)) };
}

function identityOf(settings: PretrainSettings, data: PretrainData, tokenizer: TextTokenizer): string {
  const base = [...(data.base?.tensors ?? []), ...(data.base?.heads ?? [])];
  return runIdentity(settings, {
    tokenizer: [tokenizer.fingerprint],
    texts: data.texts,
    base: [
      ...(data.base ? graphIdentity(data.base.config) : []),
      ...base.map(([name, tensor]) => [name, sha256(tensor.data)]),
    ],
  });
}
