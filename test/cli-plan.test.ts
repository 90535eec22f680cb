/** Plans at the command line, of a tiny collection: what they count exactly, and that they leave nothing behind. */
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { folderBytes } from '../src/plan/work-plan.ts';
import { refract } from './command-line.ts';
import { temporaryFolder } from './temporary.ts';
import { jsonLines, PASSAGES, writeTinyRetriever } from './tiny-retriever.ts';

const folder = temporaryFolder();
const at = (name: string) => join(folder.path, name);
const json = async (args: readonly string[]) => JSON.parse((await refract(args)).out);
const leftovers = () => readdirSync(tmpdir()).filter((name) => name.startsWith('refract-plan-'));

beforeAll(async () => {
  await writeTinyRetriever(at('teacher'));
  const many = Array.from({ length: 900 }, (_, i) => ({ ...PASSAGES[i % 15], id: `p${i}` }));
  // A quarter of the passages is longer than the teacher reads, in a script without spaces too.
  const long = many.map((passage, i) =>
    i % 4 === 0 ? { ...passage, text: `${passage.text} ต้มน้ำ`.repeat(60) } : passage,
  );
  folder.write('passages.jsonl', jsonLines(long));
  folder.write(
    'queries.jsonl',
    jsonLines(many.map(({ text }, i) => ({ id: `q${i}`, text: text.slice(0, 20) }))),
  );
  folder.write('qrels.txt', many.map((_, i) => `q${i} 0 p${i} 1\n`).join(''));
  const pairs = many.map((_, i) => `boil the water ${i}\tchemsha maji ${i}\n`);
  folder.write('sw.tsv', `english\tswahili\n${pairs.join('')}`);
});

describe('refract plan', () => {
  it('of an index counts the passages that are cut, and foretells its size', async () => {
    const before = leftovers();
    const data = [
      '--teacher',
      at('teacher'),
      '--passages',
      at('passages.jsonl'),
      '--threads',
      '1',
      '--quiet',
    ];
    const plan = await json(['plan', 'index', ...data, '--json']);
    expect(plan.passages).toBe(900);
    expect(plan.truncated).toEqual([{ kind: 'passages', limit: 128, sample: 900, cut: 225 }]);
    await refract(['index', ...data, '--out', at('index')]);
    const ratio = plan.disk / folderBytes(at('index'));
    expect(ratio).toBeGreaterThan(1 / 1.5);
    expect(ratio).toBeLessThan(1.5);
    expect(plan.seconds).toBeGreaterThan(0);
    const int8 = await json(['plan', 'index', ...data, '--encoder-precision', 'int8', '--json']);
    expect([int8.passages, int8.truncated]).toEqual([plan.passages, plan.truncated]);
    expect(leftovers()).toEqual(before);
  });

  it('stopped in its probe leaves nothing, and names no run to go on with', async () => {
    const before = leftovers();
    const stop = new AbortController();
    const progress = () => {
      stop.abort();
      return { update: () => {}, end: () => {} };
    };
    const { code, err } = await refract(
      ['plan', 'distill', '--teacher', at('teacher'), '--bitext', `sw=${at('sw.tsv')}`, '--threads', '1'],
      { signal: stop.signal, progress },
    );
    expect(code).toBe(130);
    expect(err).toContain('planning was stopped [INTERRUPTED]');
    expect(err).not.toMatch(/--resume|refract-plan-/);
    expect(leftovers()).toEqual(before);
  });

  it('of a pack takes the command’s own options, and counts steps and dev measures', async () => {
    const data = ['--teacher', at('teacher'), '--bitext', `sw=${at('sw.tsv')}`, '--threads', '1', '--quiet'];
    const few = await json(['plan', 'distill', ...data, '--set', 'train.steps=10', '--json']);
    const many = await json(['plan', 'distill', ...data, '--set', 'train.steps=5000', '--json']);
    expect(many.seconds).toBeGreaterThan(3 * few.seconds);
    expect(few.truncated.map(({ kind }: { kind: string }) => kind)).toEqual([
      'target sentences',
      'pivot sentences',
    ]);
    const small = await json([
      'plan',
      'distill',
      ...data,
      '--set',
      'train.steps=10',
      '--pack',
      'difference',
      '--json',
    ]);
    expect(small.disk).toBeLessThan(few.disk);
    expect((await refract(['plan', 'distill', ...data, '--set', 'train.stepz=1'])).err).toContain(
      '[SETTING_UNKNOWN]',
    );
  });

  it('of a teacher says in words what it will take', async () => {
    const data = [
      '--passages',
      at('passages.jsonl'),
      '--queries',
      at('queries.jsonl'),
      '--qrels',
      at('qrels.txt'),
    ];
    const { out, code } = await refract([
      ...[
        'plan',
        'teach',
        ...data,
        '--size',
        'tiny',
        '--set',
        'train.steps=100',
        '--set',
        'tokenizer.vocabSize=500',
      ],
      ...['--threads', '1', '--quiet'],
    ]);
    expect(code).toBe(0);
    expect(out).toMatch(
      /^about \d+:\d\d.*, memory \d.* [MG]B, disk \d+ MB\n {2}2\d\.\d % of passages are longer than/,
    );
  });
});
