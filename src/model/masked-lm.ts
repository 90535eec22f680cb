/**
 * BERT's head for masked-language modelling (Devlin et al. 2019), with the tensor names and the arithmetic of
 * Hugging Face's `BertForMaskedLM`: h' = LayerNorm(act(W h + b)), logits = E h' + c, where the decoder E is
 * the word table itself and c is `cls.predictions.bias`.
 */
import { identity, input, layerNorm, linear, type Tensor } from '../graph/index.ts';
import { MASKED_LM_DENSE } from './checkpoint-parts.ts';
import type { EncoderConfig } from './config.ts';
import { activation } from './families/bert.ts';
import { type ParameterTensors, parameterInputs, WORD_TABLE } from './families/index.ts';

const TRANSFORM = 'cls.predictions.transform';

/** Names and shapes of the head's own tensors; the decoder's are the encoder's. */
export function maskedLmShapes(config: EncoderConfig): [string, number[]][] {
  const { hiddenSize: h, vocabSize } = config;
  return [
    [MASKED_LM_DENSE, [h, h]],
    [`${TRANSFORM}.dense.bias`, [h]],
    [`${TRANSFORM}.LayerNorm.weight`, [h]],
    [`${TRANSFORM}.LayerNorm.bias`, [h]],
    ['cls.predictions.bias', [vocabSize]],
  ];
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
  const wide = activation(config, linear(hidden, get(MASKED_LM_DENSE), get(`${TRANSFORM}.dense.bias`)));
  const scale = get(`${TRANSFORM}.LayerNorm.weight`);
  const shift = get(`${TRANSFORM}.LayerNorm.bias`);
  const decoder = identity(get(WORD_TABLE));
  const states = layerNorm(wide, scale, shift, config.layerNormEps);
  return { logits: linear(states, decoder, get('cls.predictions.bias')), decoder };
}
