/** What the weights of imported encoders are called, from both exporters of PyTorch and from files written node by node. */
import { describe, expect, it } from 'vitest';
import { importedFolder } from '../../test/imported-models.ts';
import { floats, type ModelParts, onnxModel } from '../../test/onnx-model.ts';
import { temporaryFolder } from '../../test/temporary.ts';
import { adapterShapes } from './adapters.ts';
import { readEncoderModel } from './onnx-encoder.ts';
import { readSafetensors } from './safetensors.ts';
import { weightNames } from './weight-names.ts';

const folder = temporaryFolder();
const namesOf = (path: string) => weightNames(readEncoderModel(path));
const BATCH = ['batch', 'length'] as const;

/** The names of the weights of an encoder over a table, whose further nodes lead from `h` to `last_hidden_state`. */
function named(nodes: ModelParts['nodes'], ...initialisers: ReturnType<typeof floats>[]): string[] {
  const parts: ModelParts = {
    inputs: [
      ['input_ids', 'INT64', BATCH],
      ['attention_mask', 'INT64', BATCH],
    ],
    outputs: [['last_hidden_state', 'FLOAT', [...BATCH, 2]]],
    nodes: [['Gather', ['m.table', 'input_ids'], ['h']], ...nodes],
    initialisers: [floats('m.table', [3, 2], [1, 2, 3, 4, 5, 6]), ...initialisers],
  };
  return [...namesOf(folder.write('model.onnx', onnxModel(parts))).values()];
}
const square = (name: string, start = 1) => floats(name, [2, 2], [start, 2, 3, 4]);
const row = (name: string, start = 1) => floats(name, [2], [start, 2]);

describe('weightNames', () => {
  it('of a BERT from TorchScript are those of transformers', () => {
    const names = namesOf(importedFolder('bert'));
    const expected = readSafetensors(`${importedFolder('bert')}/model.safetensors`);
    expect([...names.values()].sort()).toEqual([...expected.keys()].sort());
    expect(names.get('model.embeddings.word_embeddings.weight')).toBe('embeddings.word_embeddings.weight');
  });

  it('of an ALBERT from torch.export are those of its layers, which the biases tell', () => {
    const names = [...namesOf(importedFolder('albert')).values()];
    const layer = 'encoder.albert_layer_groups.0.albert_layers.0';
    expect(names).toEqual(
      expect.arrayContaining([
        'encoder.embedding_hidden_mapping_in.weight',
        `${layer}.attention.query.weight`,
        `${layer}.ffn_output.weight`,
      ]),
    );
    expect(names.filter((name) => !/^(embeddings|encoder)\./.test(name))).toEqual([]);
  });

  it('tell linear layers from tables, as adapters do', () => {
    const encoder = readEncoderModel(importedFolder('electra'));
    const names = weightNames(encoder);
    const shapes = [...encoder.parameters].map(([name, { shape }]) => [names.get(name)!, shape] as const);
    const adapted = adapterShapes(shapes, { rank: 2, alpha: 2 });
    // Six layers in each of two, and the one from the width of words to that of layers; an A and a B each.
    expect(adapted).toHaveLength(2 * (2 * 6 + 1));
    expect(adapted.filter(([name]) => name.includes('_embeddings'))).toEqual([]);
    expect(adapted).toContainEqual(['embeddings_project.lora_A.weight', [2, 32]]);
  });

  it('are made for what has no name, and are never those of another value', () => {
    expect(
      named(
        [
          ['MatMul', ['h', 'onnx::MatMul_3'], ['a']],
          ['MatMul', ['a', 'W'], ['b']],
          ['MatMul', ['b', 'linear.weight'], ['scale.weight']],
          ['Add', ['scale.weight', 'scale'], ['last_hidden_state']],
        ],
        square('onnx::MatMul_3'),
        square('W', 5),
        square('linear.weight', 6),
        row('scale'),
      ),
    ).toEqual([
      'embeddings.word_embeddings.weight',
      'onnx::MatMul_3.weight',
      'W.weight',
      'linear_2.weight',
      'scale',
    ]);
  });

  it('begin with `embeddings.` where they are tables, and do not where they are layers', () => {
    expect(
      named(
        [
          ['MatMul', ['h', 'm.embeddings.map.weight'], ['a']],
          ['Mul', ['a', 'm.spread.weight'], ['b']],
          ['Add', ['b', 'm.norm.LayerNorm.beta'], ['last_hidden_state']],
        ],
        square('m.embeddings.map.weight'),
        floats('m.spread.weight', [1, 2], [3, 4]),
        row('m.norm.LayerNorm.beta'),
      ),
    ).toEqual([
      'embeddings.word_embeddings.weight',
      'encoder.embeddings.map.weight',
      'embeddings.spread.weight',
      'norm.LayerNorm.bias',
    ]);
  });
});
