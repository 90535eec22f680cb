/** An index with compressed vectors, fields and words, from the command line: changed while it is searched, and checked. */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { readRun } from '../src/data/runs.ts';
import { openIndex } from '../src/index/open-index.ts';
import { openTextSearch } from '../src/search/text-search.ts';
import { refract } from './command-line.ts';
import { temporaryFolder } from './temporary.ts';
import { jsonLines, PASSAGES, writeTinyRetriever } from './tiny-retriever.ts';

const folder = temporaryFolder();
const at = (name: string) => join(folder.path, name);
/** The passages four times, each with other words, years and, of half, another source. */
const described = Array.from({ length: 4 }, (_, n) =>
  PASSAGES.map(({ id, ...passage }, i) => ({
    id: `${id}-${n}`,
    ...passage,
    text: `${passage.text} ${['maji', 'पानी', 'ماء', 'น้ำ'][n]}`,
    metadata: { year: 2000 + i + n, source: i % 2 === 0 ? 'ìwé ìròyìn' : 'who' },
  })),
).flat();
const file = (name: string, passages: readonly object[]) => folder.write(name, jsonLines([...passages]));
const ok = async (...args: string[]) => {
  const { code, out, err } = await refract(args);
  expect([code, err]).toEqual([0, '']);
  return out;
};
const build = (out: string, passages: string, ...more: string[]) =>
  ok(
    ...['index', '--teacher', at('teacher'), '--passages', passages, '--out', at(out), '--threads', '1'],
    ...['--precision', '4bit', '--quiet', ...more],
  );
const change = (name: string, out: string, ...more: string[]) =>
  ok('index', name, '--index', at(out), '--quiet', ...more);
const found = async (out: string, ...more: string[]) => {
  const json = await ok(...['search', '--index', at(out), '--json', '-k', '100', '--quiet', ...more]);
  return JSON.parse(json).hits as { id: string; score: number; text: string; metadata: { year: number } }[];
};
const scores = (hits: readonly { id: string; score: number }[]) =>
  Object.fromEntries(hits.map(({ id, score }) => [id, score]));

beforeAll(async () => {
  await writeTinyRetriever(at('teacher'));
  await build('all', file('all.jsonl', described));
});

describe('an index that is changed', () => {
  it('scores as one that was built at once, by vectors and by words', async () => {
    const all = file('first.jsonl', described);
    await build('changed', all);
    await change('delete', 'changed', ...described.slice(10, 40).map(({ id }) => id));
    await change(
      'add',
      'changed',
      '--threads',
      '1',
      '--passages',
      file('back.jsonl', described.slice(10, 40)),
    );
    const again = file('again.jsonl', described.slice(30, 50));
    await change('add', 'changed', '--threads', '1', '--replace', '--passages', again);
    for (const merged of [false, true]) {
      if (merged) {
        expect(await change('merge', 'changed', '--all')).toContain('1 now');
        const again = await change('merge', 'changed', '--all');
        expect(again).toContain('nothing to merge; 1 segment');
      }
      for (const mode of [
        ['--effort', '1'],
        ['--mode', 'lexical'],
        ['--mode', 'rerank'],
      ]) {
        const query = ['--filter', 'year>=2005', ...mode, 'maji water पानी'];
        expect(scores(await found('changed', ...query))).toEqual(scores(await found('all', ...query)));
      }
      const [left, right] = [await found('changed', 'maji'), await found('all', 'maji')];
      expect(left).toHaveLength(described.length);
      const passages = (hits: typeof left) => hits.map(({ score: _, ...hit }) => JSON.stringify(hit)).sort();
      expect(passages(left).map((each) => each.replace(/"rank":\d+,/, ''))).toEqual(
        passages(right).map((each) => each.replace(/"rank":\d+,/, '')),
      );
    }
    expect(await change('verify', 'changed')).toContain('is whole');
    expect(JSON.parse(await change('stats', 'changed', '--json'))).toMatchObject({
      ...{ passages: described.length, deleted: 0, precision: '4bit' },
      segments: [{ fit: { residual: expect.any(Number) } }],
    });
  });

  it('is searched while it is changed, and each search sees one state of it', async () => {
    await build('busy', file('some.jsonl', described.slice(0, 48)));
    const open = await openTextSearch(at('busy'), {
      mode: 'hybrid',
      filter: { field: 'year', from: 2005 },
      threads: 1,
    });
    const answer = async () => (await open.search('maji water', 100)).hits;
    const before = await answer();
    const seen: Promise<number>[] = [];
    const look = async () => {
      const view = openIndex(at('busy'), { threads: 1 });
      try {
        const allowed = view.fields.allowed({ field: 'year', from: 0 });
        const query = new Float32Array(view.dim).fill(view.dim ** -0.5);
        const hits = await view.search(query, 1, 100, { allowed, effort: 1 });
        expect(view.lexical.size).toBe(view.size);
        expect(new Set(hits.map(({ id }) => id)).size).toBe(hits.length);
        return hits.length;
      } finally {
        await view.close();
      }
    };
    const work = async () => {
      for (let n = 48; n < 64; n += 4) {
        const more = file(`more-${n}.jsonl`, described.slice(n, n + 4));
        await change('add', 'busy', '--threads', '1', '--passages', more);
        seen.push(look());
        await change('delete', 'busy', described[n - 48].id);
        seen.push(look());
        expect(await answer()).toEqual(before);
      }
      await change('merge', 'busy', '--all');
    };
    await work();
    expect(await Promise.all(seen)).toEqual([52, 51, 55, 54, 58, 57, 61, 60]);
    expect(await answer()).toEqual(before);
    await open.close();
    expect(await look()).toBe(60);
  });

  it('refuses a metadata type that changes, and is then as it was', async () => {
    const wrong = { id: 'new', text: 'maji', metadata: { year: 'soon' } };
    const args = [
      'index',
      'add',
      '--index',
      at('all'),
      '--quiet',
      '--passages',
      file('wrong.jsonl', [wrong]),
    ];
    const { code, err } = await refract(args);
    expect(code).not.toBe(0);
    expect(err).toContain('FIELD_TYPE');
    expect(err).toContain('"new"');
    expect(await change('verify', 'all')).toContain('is whole');
    const later = [described[0], { ...described[1], metadata: { year: true } }];
    const built = ['index', '--teacher', at('teacher'), '--passages', file('later.jsonl', later)];
    expect((await refract([...built, '--out', at('never'), '--quiet'])).err).toContain('FIELD_TYPE');
  });
});

describe('verify', () => {
  it('finds a flipped bit in every file of an index with all its parts', async () => {
    await build('parts', file('parts.jsonl', described.slice(0, 20)));
    await change('delete', 'parts', described[3].id);
    const names = readdirSync(at('parts'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(at('parts').length + 1));
    const kinds = ['manifest.json', 'codec/codec.json', 'codec/centroids.i16', 'residuals.bin', 'codes.u16'];
    kinds.push('fields.bin', 'fields.json', 'lexical.json', 'lexical.terms', 'lexical.postings', '.deleted');
    for (const kind of kinds) expect(names.some((name) => name.endsWith(kind))).toBe(true);
    for (const name of names) {
      const whole = readFileSync(join(at('parts'), name));
      const changed = Buffer.from(whole);
      changed[Math.floor(changed.length / 2)] ^= 4;
      writeFileSync(join(at('parts'), name), changed);
      const { code, out, err } = await refract(['index', 'verify', '--index', at('parts'), '--quiet']);
      expect(code, name).toBe(1);
      expect(out + err).toContain(name);
      writeFileSync(join(at('parts'), name), whole);
    }
    rmSync(join(at('parts'), names.find((name) => name.endsWith('lexical.terms'))!));
    expect((await refract(['search', '--index', at('parts'), 'maji'])).err).toContain('lexical.terms');
  });
});

describe('several dictionaries', () => {
  it('translate each query by its language, named in the file or for all', async () => {
    const lexicons = `sw=${folder.write('sw.tsv', 'water\tmaji\n')},so=${folder.write('so.tsv', 'malaria\tduumo\n')}`;
    const run = async (...more: string[]) => {
      const queries = file('queries.jsonl', [
        { id: 'q1', text: 'maji', lang: 'sw' },
        { id: 'q2', text: 'duumo', lang: 'so' },
        { id: 'q3', text: 'duumo', lang: 'sw' },
      ]);
      rmSync(at('out.run'), { force: true });
      await ok(
        ...['search', '--index', at('all'), '--mode', 'lexical', '--lexicon', lexicons, '--quiet'],
        ...['--queries', queries, '--run', at('out.run'), ...more],
      );
      return [...new Set((await readRun(at('out.run'))).map(({ query }) => query))];
    };
    expect(await run()).toEqual(['q1', 'q2']);
    expect(await run('--language', 'so')).toEqual(['q1', 'q2', 'q3']);
  });

  it('refuses what lexical search does not use', async () => {
    for (const idle of [
      ['--threads', '1'],
      ['--effort', '0.5'],
      ['--pack', 'x'],
      ['--device', 'auto'],
    ]) {
      const { err } = await refract(['search', '--index', at('all'), '--mode', 'lexical', ...idle, 'maji']);
      expect(err).toContain(`${idle[0]} means nothing for --mode lexical`);
    }
  });
});
