/**
 * RoBERTa (Liu et al. 2019) and XLM-RoBERTa (Conneau et al. 2020): BERT's graph, in whose table of positions the rows
 * up to that of the padding token's id are taken by no token.
 */
import type { EncoderConfig } from '../config.ts';
import { bertFields, bertGraph, bertShapes, parseBertFields } from './bert.ts';
import { type EncoderFamily, invalidConfig, maskedLmNames } from './family.ts';

/** The row of the first token's position. */
function firstPosition({ padTokenId }: Pick<EncoderConfig, 'padTokenId'>): number {
  return padTokenId + 1;
}

function family(modelType: 'roberta' | 'xlm-roberta', name: string): EncoderFamily {
  return {
    modelType,
    classes: {
      encoder: `${name}Model`,
      reader: `${name}ForQuestionAnswering`,
      maskedLm: `${name}ForMaskedLM`,
    },
    prefix: 'roberta.',
    fileNames: new Map(maskedLmNames('lm_head.dense', 'lm_head.layer_norm', 'lm_head.bias')),
    maskedLm: { activation: 'gelu' },
    parse(json, at) {
      const config = parseBertFields(json, at, modelType, 1);
      const { maxPositionEmbeddings: rows } = config;
      if (rows <= firstPosition(config))
        throw invalidConfig(at, `max_position_embeddings ${rows} leaves no position for tokens`);
      return { ...config, maxPositionEmbeddings: rows - firstPosition(config) };
    },
    fields: (config) => ({
      ...bertFields(config),
      max_position_embeddings: config.maxPositionEmbeddings + firstPosition(config),
    }),
    shapes: (config) => bertShapes(config, config.maxPositionEmbeddings + firstPosition(config)),
    graph: (config, parameters, ids, mask, types) =>
      bertGraph(config, parameters, ids, mask, types, firstPosition(config)),
  };
}

/** The family of RoBERTa. */
export const roberta = family('roberta', 'Roberta');
/** The family of XLM-RoBERTa. */
export const xlmRoberta = family('xlm-roberta', 'XLMRoberta');
