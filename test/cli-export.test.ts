/** Models of other tools at the command line, in and out. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { type RetrieverCheckpoint, readCheckpoint } from '../src/model/checkpoint.ts';
import { writeDifference } from '../src/model/difference-folder.ts';
import { WORD_TABLE } from '../src/model/families/index.ts';
import { modelFingerprint } from '../src/model/fingerprint.ts';
import { refract } from './command-line.ts';
import { LAYOUTS } from './layouts.ts';
import { temporaryFolder } from './temporary.ts';
import { jsonLines, PASSAGES, writeTinyRetriever } from './tiny-retriever.ts';

const place = temporaryFolder();
const at = (name: string) => join(place.path, name);

/** Each layout, and of each other family one. */
const RETRIEVERS = [
  ...['stanford', 'pylate', 'pylate-deep', 'multi-vector'],
  ...['stanford-xlm-roberta', 'pylate-modernbert', 'pylate-distilbert', 'multi-vector-xlm-roberta'],
];

describe('a model of another tool as a teacher', () => {
  const passages = place.write('passages.jsonl', jsonLines(PASSAGES));

  it.each(RETRIEVERS)('%s: index and search', async (name) => {
    const teacher = join(LAYOUTS, name);
    const made = await refract([
      'index',
      '--teacher',
      teacher,
      '--passages',
      passages,
      '--out',
      at(name),
      '--json',
    ]);
    expect(made).toMatchObject({ code: 0, err: '' });
    expect(JSON.parse(made.out)).toMatchObject({ passages: PASSAGES.length, dim: 8, teacherCopied: true });
    for (const more of [[], ['--teacher', teacher]]) {
      const found = await refract(['search', '--index', at(name), '-k', '3', 'maji safi', ...more]);
      expect(found).toMatchObject({ code: 0, err: '' });
      expect(found.out.match(/^\d+ +-?\d/gm)).toHaveLength(3);
    }
  });

  it('stanford: distill, and search with the pack', async () => {
    const pairs = Array.from({ length: 40 }, (_, i) => `where is the market ${i}\tsoko ni wapi ${i}`).join(
      '\n',
    );
    const bitext = place.write('en-sw.tsv', `${pairs}\n`);
    const teacher = join(LAYOUTS, 'stanford');
    const made = await refract([
      ...['distill', '--teacher', teacher, '--bitext', bitext, '--language', 'sw', '--out', at('pack')],
      ...['--set', 'train.steps=2', '--quiet'],
    ]);
    expect(made).toMatchObject({ code: 0, err: '' });
    const { retrieval } = JSON.parse(readFileSync(at('pack/refract.json'), 'utf8'));
    expect(retrieval).toMatchObject({ augmentedTokens: 16, augmentationAttended: false });
    const found = await refract(['search', '--index', at('stanford'), '--pack', at('pack'), 'soko']);
    expect(found).toMatchObject({ code: 0, err: '' });
  });
});

describe('refract export', () => {
  beforeAll(() => writeTinyRetriever(at('teacher')));
  const run = (...args: string[]) => refract(['export', at('teacher'), ...args]);

  it('writes shards in half precision, and says what it wrote', async () => {
    const args = [
      '--to',
      'safetensors',
      '--out',
      at('half'),
      '--precision',
      'float16',
      '--max-shard',
      '40KB',
    ];
    const { code, out, err } = await run(...args, '--json');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const { files, lost, layout } = JSON.parse(out);
    expect({ lost, layout }).toEqual({ lost: [], layout: 'safetensors' });
    const names = files.map(({ name }: { name: string }) => name);
    expect(names).toEqual(expect.arrayContaining(['model.safetensors.index.json', 'refract.json']));
    for (const { name, bytes } of files)
      if (name.endsWith('.safetensors')) expect(bytes).toBeLessThan(64_000);
  });

  it('refuses what a layout cannot say, or tells of it', async () => {
    const args = ['--to', 'stanford-colbert', '--out', at('stanford-out')];
    const refused = await run(...args);
    expect(refused).toMatchObject({ code: 1, out: '' });
    expect(refused.err).toMatch(/\[EXPORT_INCOMPLETE\]\n {2}Add --lossy/);
    expect(existsSync(at('stanford-out'))).toBe(false);
    const lossy = await run(...args, '--lossy');
    expect(lossy.code).toBe(0);
    expect(lossy.err).toMatch(/^Lost: that queries are as long as they are/);
    expect(lossy.out).toMatch(/6 files, .* float32, for stanford-colbert/);
  });

  it('puts a pack that is saved as a difference together with its teacher', async () => {
    const teacher = readCheckpoint(at('teacher'));
    const tensors = new Map(teacher.tensors);
    const words = tensors.get(WORD_TABLE)!;
    tensors.set(WORD_TABLE, { ...words, data: words.data.map((x, i) => (i < 8 ? x + 1 : x)) });
    const settings = {
      ...teacher.settings,
      kind: 'pack',
      teacher: modelFingerprint(teacher),
      readings: false,
    };
    await writeDifference(at('small'), { ...teacher, tensors, settings } as RetrieverCheckpoint, teacher);
    const args = ['export', at('small'), '--to', 'safetensors', '--out', at('whole')];
    expect((await refract(args)).err).toContain('[TEACHER_MISSING]');
    expect(await refract([...args, '--teacher', at('teacher')])).toMatchObject({ code: 0 });
    expect(readCheckpoint(at('whole')).tensors).toEqual(tensors);
  });

  it('does not write over anything, nor take a size that is none', async () => {
    const args = ['--to', 'pylate', '--out', at('teacher')];
    expect((await run(...args)).err).toContain('[OUTPUT_EXISTS]');
    const sized = await run('--to', 'pylate', '--out', at('sized'), '--max-shard', '5');
    expect(sized.err).toMatch(/"5" is not a size \[SETTING_INVALID\]/);
    expect((await run('--to', 'paper', '--out', at('sized'))).err).toContain('onnx');
    const wrong = await run('--to', 'pylate', '--out', at('sized'), '--precision', 'int8');
    expect(wrong.err).toMatch(/pylate knows no int8 \[SETTING_INVALID\]\n {2}Choose of float32/);
    const two = await run('--to', 'pylate', '--out', at('sized'), '--precision', 'float32', 'float16');
    expect(two.err).toMatch(/one precision, not float32, float16/);
  });
});

describe('refract export --to onnx', () => {
  beforeAll(() => writeTinyRetriever(at('teacher')));

  it('writes the precisions asked for, float32 by default', async () => {
    const one = await refract(['export', at('teacher'), '--to', 'onnx', '--out', at('one')]);
    expect(one).toMatchObject({ code: 0, err: '' });
    expect(one.out).toMatch(/one\/onnx\/model\.onnx: float32, \d\.\d MB\n$/);
    expect(readdirSync(at('one/onnx'))).toEqual(['model.onnx']);
    const two = ['--precision', 'int8', 'float16', '--json'];
    const { out } = await refract(['export', at('teacher'), '--to', 'onnx', '--out', at('two'), ...two]);
    const { models } = JSON.parse(out);
    expect(models.map(({ precision }: { precision: string }) => precision)).toEqual(['int8', 'float16']);
    expect(readdirSync(at('two/onnx')).sort()).toEqual(['model_fp16.onnx', 'model_quantized.onnx']);
  });

  it('refuses what it cannot do', async () => {
    const taken = await refract(['export', at('teacher'), '--to', 'onnx', '--out', at('teacher')]);
    expect(taken.code).toBe(1);
    expect(taken.err).toContain('OUTPUT_EXISTS');
    const missing = await refract(['export', at('nowhere'), '--to', 'onnx', '--out', at('other')]);
    expect(missing.err).toContain('FILE_MISSING');
    const wrong = ['--to', 'onnx', '--out', at('other'), '--precision', 'int4'];
    expect((await refract(['export', at('teacher'), ...wrong])).err).toContain('float16');
  });
});
