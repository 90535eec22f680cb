/** What a message says of a batch of texts that does not fit on a device. */
import { expect, it, vi } from 'vitest';
import { refusal, temporaryFolder } from '../../test/temporary.ts';
import { writeTinyRetriever } from '../../test/tiny-retriever.ts';
import { RefractError } from '../errors.ts';
import { GraphSession, gather, input } from '../graph/index.ts';
import { Encoder } from './encoder.ts';
import { withBatchMemory } from './encoder-memory.ts';

const folder = temporaryFolder();
const short = new RefractError('DEVICE_MEMORY', 'cuda ran out of memory: Failed to allocate', { hint: 'x' });
const batch = (texts: number, tokens: number) => {
  const value = { data: new Int32Array(texts * tokens), shape: [texts, tokens] };
  return { ids: value, mask: value };
};

it('tells the sizes of the weights, of the batch, of half of it and of one text', () => {
  // A table of 250 floats a token: 1 KB.
  const graph = { y: gather(input('table', 'float32', [10, 250]), input('ids', 'int32', ['N', 'L'])) };
  const { code, what, hint } = withBatchMemory(short, graph, batch(8, 500), 3e6) as RefractError;
  expect([code, what]).toEqual(['DEVICE_MEMORY', short.what]);
  expect(hint).toContain('The weights take 3 MB, this batch of 8 x 500 tokens about 4 MB');
  expect(hint).toContain('4 texts would take about 2 MB, one text about 1 MB');
  const one = withBatchMemory(short, graph, batch(1, 8000), 3e6) as RefractError;
  expect(one.hint).toContain('1 x 8000 tokens about 8 MB; a text of 4000 tokens would take about 4 MB');
});

it('leaves other errors alone', () => {
  const other = new Error('another');
  expect(withBatchMemory(other, {}, batch(1, 1), 0)).toBe(other);
});

it('an encoder says it of its own batch', async () => {
  const { checkpoint } = await writeTinyRetriever(`${folder.path}/teacher`);
  const encoder = await Encoder.fromCheckpoint(checkpoint, { threads: 1 });
  const run = vi.spyOn(GraphSession.prototype, 'run').mockRejectedValue(short);
  try {
    const error = await refusal(() =>
      encoder.queries(['maji safi', 'ماء نظيف', 'साफ पानी', 'น้ำสะอาด', 'omi mímọ́']),
    );
    expect(error.code).toBe('DEVICE_MEMORY');
    expect(error.hint).toMatch(/The weights take 1 MB, this batch of 5 x \d+ tokens about \d+ MB; 3 texts/);
  } finally {
    run.mockRestore();
    await encoder.close();
  }
});

it('the CPU takes over where it may, with the vectors that it has anyway', async () => {
  const { checkpoint } = await writeTinyRetriever(`${folder.path}/again`);
  const texts = ['maji safi', 'ماء نظيف', 'साफ पानी', 'น้ำสะอาด', 'omi mímọ́'];
  const cpu = await Encoder.fromCheckpoint(checkpoint, { threads: 1 });
  const expected = await cpu.queries(texts);
  await cpu.close();
  // A card, computed on the CPU, whose memory is short from its second run on.
  const create = GraphSession.create.bind(GraphSession);
  const card = vi.spyOn(GraphSession, 'create').mockImplementation(async (outputs, options = {}) => {
    const session = await create(outputs, { ...options, device: 'cpu' });
    const run = session.run.bind(session);
    let runs = 0;
    if (options.device === 'cuda')
      session.run = (feeds, into) => (++runs > 1 ? Promise.reject(short) : run(feeds, into));
    opened.push(options.device ?? 'cpu');
    return session;
  });
  const opened: string[] = [];
  const told: string[] = [];
  try {
    const strict = await Encoder.fromCheckpoint(checkpoint, { device: 'cuda', threads: 1 });
    await strict.queries(texts);
    expect((await refusal(() => strict.queries(texts))).code).toBe('DEVICE_MEMORY');
    await strict.close();
    const fallback = (text: string) => told.push(text);
    const kind = await Encoder.fromCheckpoint(checkpoint, { device: 'cuda', threads: 1, fallback });
    for (let i = 0; i < 3; i++) {
      const vectors = await kind.queries(texts);
      vectors.forEach(({ vectors: found, ids }, n) => {
        expect(ids).toEqual(expected[n].ids);
        for (const [k, x] of found.entries()) expect(x).toBeCloseTo(expected[n].vectors[k], 5);
      });
    }
    await kind.close();
  } finally {
    card.mockRestore();
  }
  expect(opened).toEqual(['cuda', 'cuda', 'cpu']);
  expect(told).toEqual(['cuda ran out of memory: Failed to allocate; the CPU goes on instead.']);
});
