import { describe, expect, it } from 'vitest';
import { PASSAGES } from '../../test/tiny-retriever.ts';
import { RandomStream } from '../random.ts';
import { loadTokenizer } from '../text/tokenizer.ts';
import { trainTokenizer } from '../text/train-bpe.ts';
import { MlmBatches, packWindows, TokenMasker } from './mlm-batches.ts';
import type { Batch } from './objective.ts';

const texts = PASSAGES.map(({ text }) => text);
const tokenizer = loadTokenizer({ ...(await trainTokenizer(texts, { vocabSize: 420 })) });
const [cls, sep, mask, pad] = ['[CLS]', '[SEP]', '[MASK]', '[PAD]'].map((name) => tokenizer.specialId(name));
const specials = new Set(tokenizer.specials.values());
const bert = { share: 0.15, masked: 0.8, random: 0.1 };

/** The windows as they were, from what a batch shows and its labels. */
function restored({ feeds }: Batch): number[][] {
  const [count, length] = feeds.ids.shape;
  const ids = Array.from(feeds.ids.data as Int32Array);
  Array.from(feeds.positions.data as Int32Array).forEach((at, k) => {
    ids[at] = (feeds.labels.data as Int32Array)[k];
  });
  return Array.from({ length: count }, (_, n) =>
    ids.slice(n * length, (n + 1) * length).filter((id) => id !== pad),
  );
}

describe('packWindows', () => {
  it('holds whole texts between markers, in their order, and loses no token', async () => {
    const windows = await packWindows(tokenizer, texts, 64);
    expect(windows.length).toBeGreaterThan(3);
    for (const window of windows) {
      expect(window.length).toBeLessThanOrEqual(64);
      expect([window[0], window.at(-1)]).toEqual([cls, sep]);
    }
    const kept = windows.flatMap((window) => [...window]).filter((id) => !specials.has(id));
    const given = texts.flatMap((text) => [...tokenizer.encode(text)]).filter((id) => !specials.has(id));
    expect(kept).toEqual(given);
    expect(windows.flatMap((window) => [...window]).filter((id) => id === sep)).toHaveLength(texts.length);
  });

  it('cuts a text that is too long into even windows', async () => {
    const long = Array(10).fill(texts[0]).join(' ');
    const tokens = tokenizer.encode(long).length;
    const windows = await packWindows(tokenizer, [long], 40);
    expect(windows).toHaveLength(Math.ceil(tokens / 38));
    const sizes = windows.map(({ length }) => length);
    expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(windows.length);
  });

  it('fills a window to the last place', async () => {
    const ids = tokenizer.encode(texts[0]);
    expect(await packWindows(tokenizer, [texts[0]], ids.length + 2)).toEqual([
      Int32Array.from([cls, ...ids, sep]),
    ]);
    expect(await packWindows(tokenizer, [texts[0]], ids.length + 1)).toHaveLength(2);
    expect(await packWindows(tokenizer, [texts[0], texts[0]], 2 * ids.length + 3)).toHaveLength(1);
    expect(await packWindows(tokenizer, [texts[0], texts[0]], 2 * ids.length + 2)).toHaveLength(2);
  });

  it('leaves out texts without words', async () => {
    expect(await packWindows(tokenizer, ['', ' \t', '[PAD]'], 64)).toEqual([]);
  });
});

describe('TokenMasker', async () => {
  const windows = await packWindows(tokenizer, texts, 64);

  it('hides tokens that its labels give back, and no special token', () => {
    const before = windows.map((window) => [...window]);
    const batch = new TokenMasker(tokenizer, bert).batch(windows, new RandomStream(1, 'test'));
    expect(restored(batch)).toEqual(before);
    expect(windows.map((window) => [...window])).toEqual(before);
    for (const id of batch.feeds.labels.data as Int32Array) expect(specials.has(id)).toBe(false);
    const positions = Array.from(batch.feeds.positions.data as Int32Array);
    expect(new Set(positions).size).toBe(positions.length);
  });

  it('predicts the share it was asked for, as [MASK], at random, or as it stands', () => {
    const masker = new TokenMasker(tokenizer, bert);
    const stream = new RandomStream(2, 'test');
    const total = { words: 0, chosen: 0, masked: 0, kept: 0 };
    for (let n = 0; n < 200; n++) {
      const { feeds } = masker.batch(windows, stream);
      total.words += windows.flatMap((window) => [...window]).filter((id) => !specials.has(id)).length;
      total.chosen += feeds.labels.data.length;
      Array.from(feeds.positions.data as Int32Array).forEach((at, k) => {
        const shown = (feeds.ids.data as Int32Array)[at];
        if (shown === mask) total.masked++;
        else if (shown === feeds.labels.data[k]) total.kept++;
        else expect(specials.has(shown)).toBe(false);
      });
    }
    expect(total.chosen / total.words).toBeCloseTo(0.15, 1.7);
    expect(total.masked / total.chosen).toBeCloseTo(0.8, 1.7);
    // A random token may happen to be the right one.
    expect(total.kept / total.chosen).toBeCloseTo(0.1, 1.7);
  });

  it('predicts at least one token of a short window', async () => {
    const [window] = await packWindows(tokenizer, ['a'], 64);
    const { feeds } = new TokenMasker(tokenizer, bert).batch([window], new RandomStream(1, 'test'));
    expect(feeds.labels.data).toHaveLength(1);
  });
});

describe('MlmBatches', async () => {
  const windows = await packWindows(tokenizer, texts, 40);
  const create = (seed = 3) => new MlmBatches(windows, new TokenMasker(tokenizer, bert), 4, seed);

  it('comes to every window once an epoch, and hides other tokens each time', () => {
    const batches = create();
    const drawn = Array.from({ length: windows.length }, () => batches.next());
    const seen = drawn.flatMap(restored).map(String);
    const epochs = [0, 1, 2, 3].map((n) => seen.slice(n * windows.length, (n + 1) * windows.length).sort());
    for (const epoch of epochs) expect(epoch).toEqual(windows.map((window) => String([...window])).sort());
    const first = restored(drawn[0])[0];
    const places = drawn
      .flatMap((batch) => restored(batch).map((window, n) => ({ batch, window, n })))
      .filter(({ window }) => String(window) === String(first))
      .map(({ batch, n }) => {
        const [, length] = batch.feeds.ids.shape;
        const row = Array.from(batch.feeds.positions.data as Int32Array);
        return String(row.filter((at) => Math.floor(at / length) === n).map((at) => at % length));
      });
    expect(new Set(places).size).toBeGreaterThan(1);
  });

  it('continues from a saved state with the same batches', () => {
    const batches = create();
    for (let n = 0; n < 5; n++) batches.next();
    const state = JSON.parse(JSON.stringify(batches.save()));
    const expected = Array.from({ length: 6 }, () => batches.next());
    const resumed = create();
    resumed.load(state);
    expect(Array.from({ length: 6 }, () => resumed.next())).toEqual(expected);
    expect(Array.from({ length: 6 }, () => create(4).next())).not.toEqual(expected);
  });
});
