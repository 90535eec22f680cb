/**
 * The head for masked-language modelling (Devlin et al. 2019), with the tensor names of Hugging Face's
 * `BertForMaskedLM` and the arithmetic of each family: h' = LayerNorm(act(W h + b)), logits = E h' + c, where the
 * decoder E is the word table itself and c is `cls.predictions.bias`. Where word vectors are narrower than the hidden
 * states, as in ALBERT and ELECTRA, W takes these to their width.
 */
import { constant, identity, input, layerNorm, linear, type Tensor } from '../graph/index.ts';
import type { EncoderConfig } from './config.ts';
import { activation } from './families/bert.ts';
import { MASKED_LM } from './families/family.ts';
import {
  familyOf,
  type ParameterTensors,
  parameterInputs,
  parameterShapes,
  WORD_TABLE,
} from './families/index.ts';

/** Names and shapes of the head's own tensors; the decoder's are the encoder's. */
export function maskedLmShapes(config: EncoderConfig): [string, number[]][] {
  const { hiddenSize, vocabSize } = config;
  const e = wordWidth(config);
  const shapes: [string, number[]][] = [
    [`${MASKED_LM.dense}.weight`, [e, hiddenSize]],
    [`${MASKED_LM.dense}.bias`, [e]],
    [`${MASKED_LM.norm}.weight`, [e]],
    [`${MASKED_LM.norm}.bias`, [e]],
    [MASKED_LM.bias, [vocabSize]],
  ];
  const { unbiased } = familyOf(config).maskedLm ?? {};
  const without: string[] = unbiased ? [`${MASKED_LM.dense}.bias`, `${MASKED_LM.norm}.bias`] : [];
  return shapes.filter(([name]) => !without.includes(name));
}

/** The width of a word vector. */
function wordWidth(config: EncoderConfig): number {
  return parameterShapes(config).find(([name]) => name === WORD_TABLE)![1][1];
}

/** Graph inputs for an encoder with the head. */
export function maskedLmInputs(config: EncoderConfig): Map<string, Tensor> {
  const head = maskedLmShapes(config).map(([name, shape]) => [name, input(name, 'float32', shape)] as const);
  return new Map([...parameterInputs(config), ...head]);
}

/**
 * Logits [K, V] of hidden states [K, H], and the word table as the decoder used it, apart from its look-ups:
 * gradients with respect to `decoder` are those of this use alone.
 *
 * @example const { logits } = maskedLmLogits(config, parameters, gather(hidden, positions))
 */
export function maskedLmLogits(
  config: EncoderConfig,
  parameters: ParameterTensors,
  hidden: Tensor,
): { logits: Tensor; decoder: Tensor } {
  const get = (name: string) => parameters.get(name)!;
  const { activation: hiddenAct = config.hiddenAct } = familyOf(config).maskedLm ?? {};
  const dense = linear(hidden, get(`${MASKED_LM.dense}.weight`), parameters.get(`${MASKED_LM.dense}.bias`));
  const scale = get(`${MASKED_LM.norm}.weight`);
  const shift = parameters.get(`${MASKED_LM.norm}.bias`) ?? constant(new Float32Array(wordWidth(config)));
  const decoder = identity(get(WORD_TABLE));
  const states = layerNorm(activation({ ...config, hiddenAct }, dense), scale, shift, config.layerNormEps);
  return { logits: linear(states, decoder, get(MASKED_LM.bias)), decoder };
}
