/**
 * An extractive reader (Devlin et al. 2019, section 4.2), with the tensor names of Hugging Face's
 * `BertForQuestionAnswering`: one linear layer gives every token a logit of being the first, and one of being the
 * last token of the answer.
 */
import { add, cast, input, linear, mul, reshape, slice, sub, type Tensor } from '../graph/index.ts';
import { READER_WEIGHT } from './checkpoint-parts.ts';
import type { EncoderConfig } from './config.ts';
import { encoderGraph, type Lookup, type ParameterTensors, parameterInputs } from './families/index.ts';

const READER_BIAS = 'qa_outputs.bias';
/** Added to the logits of tokens that are no part of an answer; their probability is 0 in float32. */
const EXCLUDED = 1e9;

/** Names and shapes of the head's tensors. */
export function readerShapes(config: EncoderConfig): [string, number[]][] {
  return [
    [READER_WEIGHT, [2, config.hiddenSize]],
    [READER_BIAS, [2]],
  ];
}

/** Graph inputs for an encoder with the head. */
export function readerInputs(config: EncoderConfig): Map<string, Tensor> {
  const head = readerShapes(config).map(([name, shape]) => [name, input(name, 'float32', shape)] as const);
  return new Map([...parameterInputs(config), ...head]);
}

/** What a reader reads: all [B, L], int32. */
export interface ReaderTensors {
  readonly ids: Tensor;
  /** 1 for tokens, 0 for padding. */
  readonly mask: Tensor;
  /** 0 up to the first [SEP], 1 after it. */
  readonly types: Tensor;
  /** 1 where an answer may begin and end: the passage's tokens, and [CLS] for no answer. */
  readonly readable: Tensor;
}

/** Graph inputs of the names of `ReaderTensors`. */
export function readerTensors(): ReaderTensors {
  const named = (name: string) => input(name, 'int32', ['B', 'L']);
  return { ids: named('ids'), mask: named('mask'), types: named('types'), readable: named('readable') };
}

/**
 * Logits of the first and of the last token of the answer, both [B, L]: (s_t, e_t) = W h_t + b, and -1e9 where no
 * answer may be; and the look-up of the word table, which an `Objective` lists.
 *
 * @example const { start, end } = spanLogits(config, readerInputs(config), readerTensors())
 */
export function spanLogits(
  config: EncoderConfig,
  parameters: ParameterTensors,
  { ids, mask, types, readable }: ReaderTensors,
): { start: Tensor; end: Tensor; lookup: Lookup } {
  const [batch, length] = ids.shape;
  const { hidden, lookup } = encoderGraph(config, parameters, ids, mask, types);
  const logits = linear(hidden, parameters.get(READER_WEIGHT)!, parameters.get(READER_BIAS)!);
  const excluded = mul(sub(cast(readable, 'float32'), 1), EXCLUDED);
  const side = (k: number) => add(reshape(slice(logits, 1, k, k + 1), [batch, length]), excluded);
  return { start: side(0), end: side(1), lookup };
}
