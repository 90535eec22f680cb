/** The encoder families by `model_type`: reading and writing `config.json`, tensors, and graphs. */
import { z } from 'zod';
import { RefractError } from '../../errors.ts';
import { input, type Tensor } from '../../graph/index.ts';
import { type EncoderConfig, IMPORTED, MODEL_TYPES, type ModelType } from '../config.ts';
import { bert } from './bert.ts';
import { distilbert } from './distilbert.ts';
import type { Encoded, EncoderFamily, ParameterTensors, Shapes } from './family.ts';
import { imported } from './imported.ts';
import { modernbert } from './modernbert.ts';
import { roberta, xlmRoberta } from './roberta.ts';

export { type Lookup, type ParameterTensors, WORD_TABLE } from './family.ts';

const FAMILIES: Readonly<Record<ModelType, EncoderFamily>> = {
  bert,
  roberta,
  'xlm-roberta': xlmRoberta,
  distilbert,
  modernbert,
  [IMPORTED]: imported,
};

/** The family of an encoder. */
export function familyOf({ modelType }: Pick<EncoderConfig, 'modelType'>): EncoderFamily {
  return FAMILIES[modelType];
}

/**
 * Reads the content of a Hugging Face `config.json` (parsed JSON). `at` is the file, for messages.
 *
 * @throws RefractError `CHECKPOINT_FORMAT` when it is of another architecture or a field is missing or out of range
 * @example parseHuggingFaceConfig(JSON.parse(text), 'bert/config.json').hiddenSize // 768
 */
export function parseHuggingFaceConfig(json: unknown, at: string): EncoderConfig {
  const named = z.object({ model_type: z.string() }).safeParse(json);
  const type = named.success ? named.data.model_type : undefined;
  const known = ([...MODEL_TYPES, IMPORTED] as const).find((each) => each === type);
  if (known === undefined)
    throw new RefractError(
      'CHECKPOINT_FORMAT',
      type === undefined ? 'no model_type' : `model_type "${type}" is not supported`,
      {
        at,
        hint: `Give a model of model_type ${MODEL_TYPES.join(', ')} (for example multilingual BERT, XLM-R or mmBERT), put its ONNX export beside config.json as model.onnx, or train one with refract teach.`,
      },
    );
  return FAMILIES[known].parse(json, at);
}

/**
 * The content of a `config.json` that transformers opens as the encoder alone, or with a head; Refract trains without
 * dropout.
 */
export function toHuggingFaceConfig(
  config: EncoderConfig,
  head: keyof EncoderFamily['classes'] = 'encoder',
): Record<string, unknown> {
  const { classes, modelType, fields } = familyOf(config);
  return { architectures: [classes[head] ?? classes.encoder], model_type: modelType, ...fields(config) };
}

/**
 * Name and shape of every tensor of the encoder, in the order of the computation, under the names of
 * Hugging Face's encoder of the family; the word table is `WORD_TABLE` in all. A linear layer's weight is [out, in].
 *
 * @example parameterShapes(config)[0] // ['embeddings.word_embeddings.weight', [8000, 256]]
 */
export function parameterShapes(config: EncoderConfig): Shapes {
  return familyOf(config).shapes(config);
}

/** Graph inputs for every tensor of the encoder. */
export function parameterInputs(config: EncoderConfig): Map<string, Tensor> {
  return new Map(parameterShapes(config).map(([name, shape]) => [name, input(name, 'float32', shape)]));
}

/**
 * The encoder: ids and mask [B, L] (int32; mask 1 for tokens, 0 for padding) to hidden states [B*L, H].
 * B and L may be named sizes; L is at most `maxPositionEmbeddings`. Without `types` [B, L] all tokens are of type 0;
 * families without segments pass over them. Weights are inputs of the graph, so that one compiled session serves
 * every step.
 */
export function encoderGraph(
  config: EncoderConfig,
  parameters: ParameterTensors,
  ids: Tensor,
  mask: Tensor,
  types?: Tensor,
): Encoded {
  return familyOf(config).graph(config, parameters, ids, mask, types);
}
