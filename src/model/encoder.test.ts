import { afterAll, describe, expect, it } from 'vitest';
import '../../test/allclose.ts';
import { RandomStream } from '../random.ts';
import { loadTokenizer } from '../text/tokenizer.ts';
import { PROJECTION, readCheckpoint } from './checkpoint.ts';
import { Encoder } from './encoder.ts';
import { InputMaker } from './input.ts';
import type { FloatTensor } from './safetensors.ts';
import { retrievalSettings } from './settings.ts';

const base = readCheckpoint('test/fixtures/bert', { allowBase: true });
const stream = new RandomStream(4, 'projection');
const projection: FloatTensor = {
  dtype: 'F32',
  shape: [8, 32],
  data: Float32Array.from({ length: 8 * 32 }, () => stream.normal()),
};
const tensors = new Map([...base.tensors, [PROJECTION, projection]]);
const maker = (passageMaxTokens = 24) =>
  new InputMaker(
    loadTokenizer('test/fixtures/bert'),
    retrievalSettings({ dim: 8, queryMaxTokens: 12, passageMaxTokens }),
  );
const encoder = await Encoder.create(base.config, tensors, maker(), { threads: 1 });
afterAll(() => encoder.close());

const TEXTS = [
  'where is the market of the school ?',
  'soko',
  'पानी बाजार स्कूल',
  'ماء سوق مدرسة',
  'น้ำ ตลาด',
  'omi ọjà ilé ìwé . òjò',
  'soko ماء maji',
  '',
];

describe('Encoder', () => {
  it('gives unit vectors of the scored tokens, in the order of the texts', async () => {
    const results = await encoder.passages(TEXTS);
    results.forEach(({ vectors, ids, count }, n) => {
      const made = encoder.maker.passage(TEXTS[n]);
      expect([...ids]).toEqual([...made.ids].filter((_, t) => made.scored[t]));
      expect(count).toBe(ids.length);
      expect(vectors).toHaveLength(count * 8);
      for (let t = 0; t < count; t++) {
        const length = Math.hypot(...vectors.subarray(t * 8, (t + 1) * 8));
        expect(length).toBeCloseTo(1, 5);
      }
    });
  });

  it('gives a text the same vectors alone and among others', async () => {
    const together = await encoder.queries(TEXTS);
    for (let n = 0; n < TEXTS.length; n++) {
      const [alone] = await encoder.queries([TEXTS[n]]);
      expect(alone.ids).toEqual(together[n].ids);
      expect(alone.vectors).toBeAllclose(together[n].vectors, { absolute: 1e-5 });
    }
  });

  it('tells queries from passages', async () => {
    const [[query], [passage]] = [await encoder.queries(['soko']), await encoder.passages(['soko'])];
    expect(query.vectors).not.toBeAllclose(passage.vectors, { absolute: 1e-2 });
  });

  it('hears how many are done, over more than one batch', async () => {
    const inputs = Array.from({ length: 500 }, (_, i) => encoder.maker.passage(TEXTS[i % TEXTS.length]));
    const heard: number[] = [];
    const results = await encoder.encode(inputs, (done) => heard.push(done));
    expect(heard.length).toBeGreaterThan(1);
    expect(heard.at(-1)).toBe(500);
    expect(heard).toEqual([...heard].sort((a, b) => a - b));
    expect(results[9].vectors).toBeAllclose(results[1].vectors, { absolute: 1e-5 });
    expect(await encoder.encode([])).toEqual([]);
  });

  it('sees weights that change where it is live, and not where they are compiled in', async () => {
    const changing = new Map([...tensors].map(([name, x]) => [name, { ...x, data: x.data.slice() }]));
    const live = await Encoder.create(base.config, changing, maker(), { threads: 1, live: true });
    const fixed = await Encoder.create(base.config, changing, maker(), { threads: 1 });
    const before = await live.queries(['soko maji']);
    const [expected] = await encoder.queries(['soko maji']);
    expect(before[0].vectors).toBeAllclose(expected.vectors, { absolute: 1e-5 });
    const weights = changing.get(PROJECTION)!.data;
    weights.set(weights.map((x) => -x));
    const [after] = await live.queries(['soko maji']);
    expect(after.vectors).toBeAllclose(
      before[0].vectors.map((x) => -x),
      { absolute: 1e-5 },
    );
    expect((await fixed.queries(['soko maji']))[0].vectors).toBeAllclose(before[0].vectors, {
      absolute: 1e-5,
    });
    await live.close();
    await fixed.close();
  });

  it('takes texts as long as its positions, where that is no multiple of eight', async () => {
    const most = 21;
    const name = 'embeddings.position_embeddings.weight';
    const position = base.tensors.get(name)!;
    const cut = { ...position, shape: [most, 32], data: position.data.slice(0, most * 32) };
    const config = { ...base.config, maxPositionEmbeddings: most };
    const small = await Encoder.create(config, new Map([...tensors, [name, cut]]), maker(most), {
      threads: 1,
    });
    const [result] = await small.passages([Array(30).fill('soko').join(' ')]);
    expect(result.count).toBe(most);
    await small.close();
  });
});

describe('an encoder in another precision', () => {
  const inputs = Array.from({ length: 60 }, (_, i) => maker().passage(TEXTS[i % (TEXTS.length - 1)]));
  const cosines = (found: Awaited<ReturnType<Encoder['encode']>>, expected: typeof found) =>
    found.flatMap(({ vectors, count }, n) =>
      Array.from({ length: count }, (_, t) =>
        vectors
          .subarray(t * 8, (t + 1) * 8)
          .reduce((sum, value, k) => sum + value * expected[n].vectors[t * 8 + k], 0),
      ),
    );

  it.each(['int8', 'float16'] as const)(
    '%s is near float32, the same alone and among others, on one thread and on two',
    async (precision) => {
      const expected = await encoder.encode(inputs);
      const [one, two] = await Promise.all([
        Encoder.create(base.config, tensors, maker(), { threads: 1, precision }),
        Encoder.create(base.config, tensors, maker(), { threads: 2, precision }),
      ]);
      const [found, beside] = [await one.encode(inputs), await two.encode(inputs)];
      const [alone] = await one.encode([inputs[5]]);
      await one.close();
      await two.close();
      const least = Math.min(...cosines(found, expected));
      expect(least).toBeGreaterThan(0.999);
      expect(least).toBeLessThan(0.9999999);
      expect(beside.map(({ ids }) => ids)).toEqual(found.map(({ ids }) => ids));
      expect(Math.min(...cosines(beside, found))).toBeGreaterThan(0.99999);
      expect(alone.vectors).toBeAllclose(found[5].vectors, { absolute: 1e-4 });
    },
  );

  it('is refused while the weights are trained', async () => {
    const create = () => Encoder.create(base.config, tensors, maker(), { live: true, precision: 'int8' });
    await expect(create()).rejects.toMatchObject({ code: 'SETTING_INVALID' });
  });
});
