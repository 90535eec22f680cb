import { describe, expect, it } from 'vitest';
import { importedFolder } from '../../../test/imported-models.ts';
import { refusal } from '../../../test/temporary.ts';
import { readCheckpoint } from '../checkpoint.ts';
import { parameterShapes, parseHuggingFaceConfig, toHuggingFaceConfig, WORD_TABLE } from './index.ts';

const { config } = readCheckpoint(importedFolder('electra'), { allowBase: true });

describe('the configuration of an imported encoder', () => {
  it('is written and read as it is, apart from its graph', () => {
    const { graph: _, ...rest } = config;
    const json = JSON.parse(JSON.stringify(toHuggingFaceConfig(config)));
    expect(json.model_type).toBe('onnx');
    expect(parseHuggingFaceConfig(json, 'config.json')).toEqual(rest);
  });

  it('leaves out what is not known', () => {
    const unknown = { ...config, numHiddenLayers: 0, numAttentionHeads: 0, intermediateSize: 0 };
    const json = toHuggingFaceConfig(unknown);
    for (const key of ['num_hidden_layers', 'num_attention_heads', 'intermediate_size'])
      expect(json).not.toHaveProperty(key);
    expect(parseHuggingFaceConfig(json, 'config.json').numHiddenLayers).toBe(0);
  });

  it('must have sizes', async () => {
    const json = { ...toHuggingFaceConfig(config), hidden_size: 0 };
    const error = await refusal(() => parseHuggingFaceConfig(json, 'models/e/config.json'));
    expect(error).toMatchObject({ code: 'CHECKPOINT_FORMAT', at: 'models/e/config.json' });
  });

  it('says shapes: as many word vectors as tokens, all else as the graph has it', () => {
    const shapes = new Map(parameterShapes({ ...config, vocabSize: 500 }));
    expect(shapes.get(WORD_TABLE)).toEqual([500, 16]);
    expect(shapes.get('embeddings_project.weight')).toEqual([16, 32]);
  });

  it('is of no use without the graph', async () => {
    const { graph: _, ...rest } = config;
    expect((await refusal(() => parameterShapes(rest))).code).toBe('GRAPH_INVALID');
  });
});
