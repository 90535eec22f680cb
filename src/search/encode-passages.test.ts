/** Encoding a stream of passages: order, vectors, memory, failures and leaving early. */
import { afterAll, describe, expect, it, vi } from 'vitest';
import '../../test/allclose.ts';
import { refusal, temporaryFolder } from '../../test/temporary.ts';
import { PASSAGES, writeTinyRetriever } from '../../test/tiny-retriever.ts';
import type { Passage } from '../data/records.ts';
import { readCheckpoint } from '../model/checkpoint.ts';
import { Encoder } from '../model/encoder.ts';
import { encodePassages } from './encode-passages.ts';

const folder = temporaryFolder();
await writeTinyRetriever(folder.path);
const checkpoint = readCheckpoint(folder.path);
const encoder = await Encoder.fromCheckpoint(checkpoint, { threads: 2 });
afterAll(() => encoder.close());

/** `count` passages, each with its number in it, and how many were asked for. */
function many(count: number) {
  const state = { read: 0, ended: false };
  async function* passages(): AsyncGenerator<Passage> {
    try {
      for (let i = 0; i < count; i++) {
        state.read++;
        yield { id: `p${i}`, text: `${PASSAGES[i % PASSAGES.length].text} ${i}` };
      }
    } finally {
      state.ended = true;
    }
  }
  return { state, passages: passages() };
}

describe('encodePassages', () => {
  it('yields every passage in order, with the vectors that it has alone', async () => {
    const { passages, state } = many(1100);
    const done: number[] = [];
    const ids: string[] = [];
    for await (const { passage, vectors, tokens, tokenIds } of encodePassages(encoder, passages, {
      onDone: (n) => done.push(n),
    })) {
      ids.push(passage.id);
      expect(vectors).toHaveLength(tokens * encoder.dim);
      if (ids.length % 300 !== 1) continue;
      const [alone] = await encoder.passages([passage.text]);
      expect(vectors).toBeAllclose(alone.vectors, { absolute: 1e-5 });
      expect(tokenIds).toEqual(alone.ids);
    }
    expect(ids).toEqual(Array.from({ length: 1100 }, (_, i) => `p${i}`));
    expect(done.at(-1)).toBe(1100);
    expect(done).toEqual([...done].sort((a, b) => a - b));
    expect(state.ended).toBe(true);
  });

  it('refuses a passage of more windows than an index holds before it is encoded', async () => {
    const text = `${PASSAGES.map((passage) => passage.text).join(' ')} `.repeat(20_000);
    const encoding = vi.spyOn(encoder, 'encode');
    const error = await refusal(async () => {
      for await (const _ of encodePassages(encoder, [{ id: 'shelf', text }])) expect.unreachable();
    });
    expect(error.code).toBe('GRAPH_SHAPE');
    expect(error.message).toContain('"shelf"');
    expect(encoding).not.toHaveBeenCalled();
  });

  it('encodes a passage of very many windows in parts, as it would whole, with its neighbours', async () => {
    const words = PASSAGES.slice(0, 12)
      .map(({ text }) => text)
      .join(' ');
    const book = { id: 'book', text: `${words} `.repeat(500) };
    const cut = encoder.maker.passageWindows(book.text, { overlap: 0.25, truncate: false });
    expect(cut.inputs.length).toBeGreaterThan(2048);
    const most = vi.spyOn(encoder, 'encode');
    const done: number[] = [];
    const encoded = [];
    const given = [PASSAGES[0], PASSAGES[1], book, PASSAGES[2]];
    for await (const each of encodePassages(encoder, given, { onDone: (n) => done.push(n) }))
      encoded.push(each);
    expect(Math.max(...most.mock.calls.map(([inputs]) => inputs.length))).toBe(1024);
    most.mockRestore();
    expect(encoded.map(({ passage }) => passage.id)).toEqual(['p1', 'p2', 'book', 'p3']);
    expect(done).toEqual([...done].sort((a, b) => a - b));
    expect(done.at(-1)).toBe(4);
    const { vectors, tokens, tokenIds, windows } = encoded[2];
    const whole = await encoder.encode(cut.inputs);
    expect(windows).toEqual(whole.map(({ count }) => count));
    expect(tokens).toBe(windows?.reduce((sum, count) => sum + count, 0));
    expect(tokenIds).toEqual(Int32Array.from(whole.flatMap(({ ids }) => [...ids])));
    expect(vectors).toHaveLength(tokens * encoder.dim);
    let at = 0;
    for (const [i, window] of whole.entries()) {
      const own = vectors.subarray(at, at + window.vectors.length);
      at += own.length;
      if (i % 200 === 0 || i === whole.length - 1)
        expect(own).toBeAllclose(window.vectors, { absolute: 1e-5 });
    }
  }, 60_000);

  it('gives nothing for nothing', async () => {
    const { passages } = many(0);
    expect((await encodePassages(encoder, passages).next()).done).toBe(true);
  });

  it('reads no further than the 512 passages that it yields', async () => {
    const { passages, state } = many(100_000);
    const encoded = encodePassages(encoder, passages);
    for (let taken = 0; taken < 512; taken++) {
      await encoded.next();
      expect(state.read).toBe(512);
    }
    await encoded.next();
    expect(state.read).toBe(1024);
    await encoded.return(undefined);
    expect(state.ended).toBe(true);
  });

  it('passes on a fault of the collection, and stops when asked', async () => {
    async function* faulty(): AsyncGenerator<Passage> {
      yield* many(600).passages;
      throw new Error('line 601 is broken');
    }
    const take = async (from: AsyncIterable<unknown>) => {
      for await (const _ of from);
    };
    await expect(take(encodePassages(encoder, faulty()))).rejects.toThrow('line 601 is broken');
    const stop = new AbortController();
    const { passages, state } = many(5000);
    const work = encodePassages(encoder, passages, {
      signal: stop.signal,
      onDone: (n) => {
        if (n > 600) stop.abort();
      },
    });
    expect((await refusal(() => take(work))).code).toBe('INTERRUPTED');
    expect(state.ended).toBe(true);
    expect(state.read).toBeLessThan(5000);
  });

  it.each([0, 100, 1023])('stops before another passage when it was asked to after %i', async (last) => {
    const stop = new AbortController();
    let read = 0;
    function* passages(): Generator<Passage> {
      for (;;) {
        if (++read > last) stop.abort();
        yield { id: `p${read}`, text: PASSAGES[read % PASSAGES.length].text };
      }
    }
    const done: number[] = [];
    const work = encodePassages(encoder, passages(), { signal: stop.signal, onDone: (n) => done.push(n) });
    const taken: string[] = [];
    const take = async () => {
      for await (const { passage } of work) taken.push(passage.id);
    };
    expect((await refusal(take)).code).toBe('INTERRUPTED');
    expect(read).toBe(last + 1);
    expect(taken).toHaveLength(last - (last % 512));
    expect(done.at(-1) ?? 0).toBe(taken.length);
  });
});
