import { describe, expect, it } from 'vitest';
import { FOREIGN, importedFolder } from '../../test/imported-models.ts';
import { refusal } from '../../test/temporary.ts';
import { readCheckpoint } from './checkpoint.ts';
import { checkReach } from './reach.ts';

describe.each(FOREIGN)('checkReach of %s', (name) => {
  const { config, tensors } = readCheckpoint(importedFolder(name), { allowBase: true });

  it('lets pass what its 64 positions hold', async () => {
    await checkReach(config, tensors, 64, 1);
  });

  it('refuses one token more, and says where to say so', async () => {
    const error = await refusal(() => checkReach(config, tensors, 65, 1));
    expect(error).toMatchObject({
      code: 'CHECKPOINT_FORMAT',
      what: 'the imported encoder fails on a text of 65 tokens',
    });
    expect(error.hint).toContain('max_position_embeddings');
  });

  it('refuses numbers that are not finite', async () => {
    const [norm, { shape }] = [...tensors].find(([each]) => each.endsWith('LayerNorm.weight'))!;
    const huge = { dtype: 'F32' as const, shape, data: new Float32Array(shape[0]).fill(3e38) };
    const error = await refusal(() => checkReach(config, new Map([...tensors, [norm, huge]]), 8, 1));
    expect(error.what).toContain('not finite');
  });

  it('passes over encoders of a family', async () => {
    const bert = readCheckpoint(importedFolder('bert'), { allowBase: true });
    await checkReach(bert.config, new Map(), 1_000_000, 1);
  });
});
