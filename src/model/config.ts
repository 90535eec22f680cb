/**
 * The configuration of a BERT encoder, to and from Hugging Face's `config.json`, and the names and shapes
 * of the tensors it implies.
 *
 * Refract's encoders have no pooler (a retriever uses every token's vector, not the pooled one), so
 * checkpoints are saved without: open them with `AutoModel.from_pretrained(dir, add_pooling_layer=False)`;
 * without that argument transformers makes a pooler up at random and says so, and the token vectors are
 * the same.
 */
import { z } from 'zod';
import { RefractError } from '../errors.ts';

/** The activations between the two feed-forward layers: exact GELU, its tanh approximation, ReLU. */
export const ACTIVATIONS = ['gelu', 'gelu_new', 'relu'] as const;
export type Activation = (typeof ACTIVATIONS)[number];

/** A BERT encoder's architecture; the fields are those of Hugging Face's `BertConfig`. */
export interface EncoderConfig {
  /** Entries of the vocabulary V. */
  readonly vocabSize: number;
  /** Width H of the hidden states. */
  readonly hiddenSize: number;
  readonly numHiddenLayers: number;
  /** Attention heads; they share the width H, which they must divide. */
  readonly numAttentionHeads: number;
  /** Width of the feed-forward layers. */
  readonly intermediateSize: number;
  /** The longest input, in tokens. */
  readonly maxPositionEmbeddings: number;
  readonly typeVocabSize: number;
  readonly layerNormEps: number;
  readonly hiddenAct: Activation;
  readonly padTokenId: number;
}

/** The sizes that `--size` offers; a head is 64 wide in all of them. */
export const SIZES = {
  tiny: { numHiddenLayers: 2, hiddenSize: 128, numAttentionHeads: 2, intermediateSize: 512 },
  mini: { numHiddenLayers: 3, hiddenSize: 256, numAttentionHeads: 4, intermediateSize: 1024 },
  small: { numHiddenLayers: 6, hiddenSize: 384, numAttentionHeads: 6, intermediateSize: 1536 },
  base: { numHiddenLayers: 12, hiddenSize: 768, numAttentionHeads: 12, intermediateSize: 3072 },
} as const;
export type Size = keyof typeof SIZES;

/** What a configuration must say beside its size, and what it may. */
export type ConfigRest = Pick<EncoderConfig, 'vocabSize'> & Partial<EncoderConfig>;

/**
 * The configuration of a preset size; fields of `rest` win over the preset's and over BERT's defaults.
 *
 * @example configOfSize('mini', { vocabSize: 8000, maxPositionEmbeddings: 192 }).hiddenSize // 256
 */
export function configOfSize(size: Size, rest: ConfigRest): EncoderConfig {
  return {
    maxPositionEmbeddings: 512,
    typeVocabSize: 2,
    layerNormEps: 1e-12,
    hiddenAct: 'gelu',
    padTokenId: 0,
    ...SIZES[size],
    ...rest,
  };
}

const size = z.int().positive();
const bertSchema = z.object({
  vocab_size: size,
  hidden_size: size,
  num_hidden_layers: size,
  num_attention_heads: size,
  intermediate_size: size,
  max_position_embeddings: size,
  type_vocab_size: size.default(2),
  layer_norm_eps: z.number().positive().default(1e-12),
  hidden_act: z.enum(ACTIVATIONS).default('gelu'),
  pad_token_id: z.int().nonnegative().nullish(),
  position_embedding_type: z.literal('absolute').default('absolute'),
  is_decoder: z.literal(false).default(false),
});

/**
 * Reads the content of a Hugging Face `config.json` (parsed JSON). `at` is the file, for messages.
 * Throws `CHECKPOINT_FORMAT` when it is of another architecture or a field is missing or out of range.
 *
 * @example parseHuggingFaceConfig(JSON.parse(text), 'bert/config.json').hiddenSize // 768
 */
export function parseHuggingFaceConfig(json: unknown, at: string): EncoderConfig {
  const type = z.object({ model_type: z.string() }).safeParse(json);
  const modelType = type.success ? type.data.model_type : undefined;
  if (modelType !== 'bert')
    throw new RefractError(
      'CHECKPOINT_FORMAT',
      modelType === undefined ? 'no model_type' : `model_type "${modelType}" is not supported`,
      {
        at,
        hint: 'Give a model of model_type "bert" (for example multilingual BERT), or train one with refract teach.',
      },
    );
  const parsed = bertSchema.safeParse(json);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw invalid(at, `${issue.path.join('.') || 'the file'}: ${issue.message}`);
  }
  const c = parsed.data;
  if (c.hidden_size % c.num_attention_heads !== 0)
    throw invalid(at, `hidden_size ${c.hidden_size} is not divisible by ${c.num_attention_heads} heads`);
  return {
    vocabSize: c.vocab_size,
    hiddenSize: c.hidden_size,
    numHiddenLayers: c.num_hidden_layers,
    numAttentionHeads: c.num_attention_heads,
    intermediateSize: c.intermediate_size,
    maxPositionEmbeddings: c.max_position_embeddings,
    typeVocabSize: c.type_vocab_size,
    layerNormEps: c.layer_norm_eps,
    hiddenAct: c.hidden_act,
    padTokenId: c.pad_token_id ?? 0,
  };
}

function invalid(at: string, what: string): RefractError {
  return new RefractError('CHECKPOINT_FORMAT', what, {
    at,
    hint: 'Correct config.json; docs/formats.md lists what an encoder needs.',
  });
}

/** The content of a `config.json` that transformers opens as a `BertModel`; Refract trains without dropout. */
export function toHuggingFaceConfig(
  config: EncoderConfig,
  architecture: 'BertModel' | 'BertForMaskedLM' | 'BertForQuestionAnswering' = 'BertModel',
): Record<string, unknown> {
  return {
    architectures: [architecture],
    model_type: 'bert',
    vocab_size: config.vocabSize,
    hidden_size: config.hiddenSize,
    num_hidden_layers: config.numHiddenLayers,
    num_attention_heads: config.numAttentionHeads,
    intermediate_size: config.intermediateSize,
    max_position_embeddings: config.maxPositionEmbeddings,
    type_vocab_size: config.typeVocabSize,
    layer_norm_eps: config.layerNormEps,
    hidden_act: config.hiddenAct,
    pad_token_id: config.padTokenId,
    hidden_dropout_prob: 0,
    attention_probs_dropout_prob: 0,
  };
}

/**
 * Name and shape of every tensor of the encoder, in the order of the computation, under the names of
 * Hugging Face's `BertModel`. A linear layer's weight is [out, in].
 *
 * @example parameterShapes(config)[0] // ['embeddings.word_embeddings.weight', [8000, 256]]
 */
export function parameterShapes(config: EncoderConfig): [name: string, shape: number[]][] {
  const { hiddenSize: h, intermediateSize: f } = config;
  const linear = (name: string, out: number, into: number): [string, number[]][] => [
    [`${name}.weight`, [out, into]],
    [`${name}.bias`, [out]],
  ];
  const norm = (name: string): [string, number[]][] => [
    [`${name}.LayerNorm.weight`, [h]],
    [`${name}.LayerNorm.bias`, [h]],
  ];
  const layer = (name: string) => [
    ...linear(`${name}.attention.self.query`, h, h),
    ...linear(`${name}.attention.self.key`, h, h),
    ...linear(`${name}.attention.self.value`, h, h),
    ...linear(`${name}.attention.output.dense`, h, h),
    ...norm(`${name}.attention.output`),
    ...linear(`${name}.intermediate.dense`, f, h),
    ...linear(`${name}.output.dense`, h, f),
    ...norm(`${name}.output`),
  ];
  return [
    ['embeddings.word_embeddings.weight', [config.vocabSize, h]],
    ['embeddings.position_embeddings.weight', [config.maxPositionEmbeddings, h]],
    ['embeddings.token_type_embeddings.weight', [config.typeVocabSize, h]],
    ...norm('embeddings'),
    ...Array.from({ length: config.numHiddenLayers }, (_, i) => layer(`encoder.layer.${i}`)).flat(),
  ];
}
