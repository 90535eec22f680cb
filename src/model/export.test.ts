/** Exports read back, and what they refuse to lose. The tools themselves open them in export-oracle.test.ts. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { differenceFrom, goldenLayout, LAYOUTS } from '../../test/layouts.ts';
import { refusal, temporaryFolder } from '../../test/temporary.ts';
import { writeTinyRetriever } from '../../test/tiny-retriever.ts';
import { type RetrieverCheckpoint, readCheckpoint } from './checkpoint.ts';
import { type ExportOptions, exportModel } from './export.ts';
import { WORD_TABLE } from './families/index.ts';
import { modelFingerprint } from './fingerprint.ts';
import { withSecondRows } from './readings.ts';

const place = temporaryFolder();
const at = (name: string) => join(place.path, name);
const json = (name: string) => JSON.parse(readFileSync(at(name), 'utf8'));
const fixture = (name: string) => readCheckpoint(join(LAYOUTS, name));

describe('what is exported computes the same', () => {
  const cases: [string, ExportOptions][] = [
    ['stanford', { layout: 'stanford-colbert' }],
    ['stanford', { layout: 'stanford-colbert', maxShardBytes: 10_000 }],
    ['stanford', { layout: 'pylate' }],
    ['pylate', { layout: 'pylate' }],
    ['pylate', { layout: 'stanford-colbert' }],
    ['pylate-deep', { layout: 'pylate' }],
    ['multi-vector', { layout: 'safetensors', maxShardBytes: 10_000 }],
    ['stanford-xlm-roberta', { layout: 'stanford-colbert' }],
    ['stanford-modernbert', { layout: 'stanford-colbert' }],
    ['stanford-roberta', { layout: 'safetensors' }],
    ['pylate-xlm-roberta', { layout: 'pylate' }],
    ['pylate-roberta', { layout: 'pylate' }],
    ['pylate-distilbert', { layout: 'pylate' }],
    ['pylate-modernbert', { layout: 'pylate' }],
    ['pylate-modernbert', { layout: 'safetensors' }],
    ['multi-vector-xlm-roberta', { layout: 'safetensors' }],
    ['multi-vector-modernbert', { layout: 'pylate' }],
  ];
  it.each(cases)('%s as %j', async (name, options) => {
    const out = at(`same-${cases.findIndex(([, each]) => each === options)}`);
    const report = await exportModel(fixture(name), out, options);
    expect(report.lost).toEqual([]);
    for (const file of report.files) expect(readFileSync(join(out, file.name)).length).toBe(file.bytes);
    expect(existsSync(join(out, 'model.safetensors.index.json'))).toBe(options.maxShardBytes !== undefined);
    const difference = await differenceFrom(goldenLayout(name), readCheckpoint(out));
    expect(difference.vectors).toBeLessThan(1e-4);
    expect(difference.scores).toBeLessThan(1e-4);
  });

  it.each([
    ['float16', 2e-2],
    ['bfloat16', 0.15],
  ] as const)('to the precision of %s', async (precision, tolerance) => {
    await exportModel(fixture('stanford'), at(precision), { layout: 'stanford-colbert', precision });
    const { vectors } = await differenceFrom(goldenLayout('stanford'), readCheckpoint(at(precision)));
    expect(vectors).toBeGreaterThan(1e-5);
    expect(vectors).toBeLessThan(tolerance);
    expect(json(`${precision}/config.json`)).toMatchObject({
      architectures: ['HF_ColBERT'],
      torch_dtype: precision,
    });
  });
});

test('a plain folder of a teacher is the teacher', async () => {
  const { fingerprint } = await writeTinyRetriever(at('teacher'));
  await exportModel(readCheckpoint(at('teacher')), at('plain'), {
    layout: 'safetensors',
    maxShardBytes: 50_000,
  });
  expect(modelFingerprint(readCheckpoint(at('plain')))).toBe(fingerprint);
});

test('an encoder alone can be exported for transformers, not as a retriever', async () => {
  const base = readCheckpoint('test/fixtures/base', { allowBase: true });
  await exportModel(base, at('encoder'), { layout: 'safetensors', precision: 'bfloat16' });
  const again = readCheckpoint(at('encoder'), { allowBase: true });
  expect([...again.tensors.keys()]).toEqual([...base.tensors.keys()]);
  expect([...again.heads!.keys()].sort()).toEqual([...base.heads!.keys()].sort());
  const error = await refusal(() => exportModel(base, at('no'), { layout: 'pylate' }));
  expect(error).toMatchObject({ code: 'EXPORT_INCOMPLETE' });
  expect(existsSync(at('no'))).toBe(false);
});

describe('what the layouts cannot say', () => {
  it("Unicode's punctuation is listed for PyLate, refused for Stanford's ColBERT", async () => {
    await writeTinyRetriever(at('unicode'));
    const teacher = readCheckpoint(at('unicode'));
    await exportModel(teacher, at('unicode-pylate'), { layout: 'pylate' });
    expect(json('unicode-pylate/config_sentence_transformers.json').skiplist_words).toEqual(
      expect.arrayContaining(
        ['।', '。', '.', '؟'].filter((token) => JSON.stringify(teacher.tokenizerJson).includes(`"${token}"`)),
      ),
    );
    const stanford: ExportOptions = { layout: 'stanford-colbert' };
    const error = await refusal(() => exportModel(teacher, at('refused'), stanford));
    expect(error).toMatchObject({ code: 'EXPORT_INCOMPLETE' });
    expect(error.what).toMatch(/queries are as long as they are.*tokens that passages leave out/);
    const { lost } = await exportModel(teacher, at('lossy'), { ...stanford, lossy: true });
    expect(lost.join()).toMatch(/pads all to 64 tokens.*ASCII punctuation alone/);
    expect(json('lossy/artifact.metadata')).toMatchObject({ query_maxlen: 64, attend_to_mask_tokens: false });
  });

  it("spaces at the ends of texts, that PyLate cuts and Stanford's ColBERT reads", async () => {
    const spaced: ExportOptions = { layout: 'stanford-colbert', lossy: true };
    const { lost } = await exportModel(fixture('pylate-roberta'), at('spaced'), spaced);
    expect(lost).toContain('that spaces at the ends of a text are cut');
    expect(readCheckpoint(at('spaced')).settings.retrieval.trimmed).toBeUndefined();
  });

  it.each([
    ['pylate', /before queries \("the query: "\)/],
    ['stanford-colbert', /marks no query with a token/],
  ] as const)('text before texts, for %s', async (layout, message) => {
    const error = await refusal(() => exportModel(fixture('multi-vector'), at('prefix'), { layout }));
    expect(error.what).toMatch(message);
  });

  it('queries that may be longer than what pads them', async () => {
    const model = fixture('stanford');
    const retrieval = { ...model.settings.retrieval, queryMaxTokens: 40, augmentedTokens: 16 };
    const longer = { ...model, settings: { ...model.settings, retrieval } } as RetrieverCheckpoint;
    const error = await refusal(() => exportModel(longer, at('longer'), { layout: 'pylate' }));
    expect(error.what).toMatch(/40 tokens: they are cut to 16/);
    await exportModel(longer, at('longer'), { layout: 'pylate', lossy: true });
    expect(json('longer/config_sentence_transformers.json').query_length).toBe(16);
  });

  it('two readings of a token: each keeps the one that it has alone', async () => {
    const { checkpoint } = await writeTinyRetriever(at('pack'), { teacher: '0123456789abcdef' });
    const words = checkpoint.tensors.get(WORD_TABLE)!;
    const [count, width] = words.shape;
    // Token 50 is rather the pack's, token 60 rather the teacher's.
    const rows = Int32Array.from({ length: count }, (_, id) =>
      id === 50 ? count : id === 60 ? count + 1 : id,
    );
    const logOdds = new Float32Array(count).fill(-1).fill(2, 50, 51);
    const table = withSecondRows(words, { rows, logOdds });
    table.data.fill(7, count * width);
    const pack: RetrieverCheckpoint = {
      ...checkpoint,
      config: { ...checkpoint.config, vocabSize: count + 2 },
      settings: { ...checkpoint.settings, kind: 'pack', teacher: '0123456789abcdef', readings: true },
      tensors: new Map([...checkpoint.tensors, [WORD_TABLE, table]]),
      readings: { rows, logOdds },
    };
    const error = await refusal(() => exportModel(pack, at('two'), { layout: 'safetensors' }));
    expect(error).toMatchObject({ code: 'EXPORT_INCOMPLETE' });
    expect(error.what).toContain('2 tokens have two word vectors');
    const { lost } = await exportModel(pack, at('two'), { layout: 'safetensors', oneReading: true });
    expect(lost).toEqual([expect.stringContaining("1 keep the pack's and 1 the teacher's")]);
    const read = readCheckpoint(at('two'));
    expect(read.settings).toMatchObject({ kind: 'pack', readings: false });
    const row = (id: number) => [
      ...read.tensors.get(WORD_TABLE)!.data.subarray(id * width, (id + 1) * width),
    ];
    expect(read.config.vocabSize).toBe(count);
    expect(row(50)).toEqual(Array(width).fill(7));
    expect(row(60)).toEqual([...words.data.subarray(60 * width, 61 * width)]);
  });
});
