/** Names of models on the hub wherever a command takes a model: fetched, read, told, and kept in what is made of them. */
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { writeDifference } from '../src/model/difference-folder.ts';
import { refract } from './command-line.ts';
import { bertFiles, hubServer } from './hub-models.ts';
import { temporaryFolder } from './temporary.ts';
import { jsonLines, PASSAGES, writeTinyRetriever } from './tiny-retriever.ts';

const server = hubServer();
const folder = temporaryFolder();
const at = (name: string) => join(folder.path, name);
const passages = folder.write('passages.jsonl', jsonLines(PASSAGES));
const TEACHER = 'test-org/teacher';
const PACK = 'test-org/sw-pack';
const SMALL = 'test-org/sw-small';
const commits: Record<string, string> = {};
const quiet = ['--threads', '1', '--quiet'];

function published(name: string, place: string): void {
  const files = readdirSync(place).map((file): [string, Buffer] => [file, readFileSync(join(place, file))]);
  commits[name] = server.publish(name, { ...Object.fromEntries(files), 'pytorch_model.bin': 'a pickle' });
}

/** A command that succeeds; what it printed. */
async function done(...args: string[]) {
  const { code, out, err } = await refract(args);
  expect(code, err).toBe(0);
  return { out, err };
}

beforeAll(async () => {
  const { checkpoint: teacher, fingerprint } = await writeTinyRetriever(at('teacher'));
  const { checkpoint: pack } = await writeTinyRetriever(at('pack'), { seed: 2, teacher: fingerprint });
  await writeDifference(at('small'), pack, teacher);
  vi.stubEnv('HF_HUB_CACHE', at('cache'));
  vi.stubEnv('HF_HOME', at('home'));
  vi.stubEnv('HF_TOKEN', '');
  vi.stubEnv('HF_ENDPOINT', server.url);
  published(TEACHER, at('teacher'));
  published(PACK, at('pack'));
  published(SMALL, at('small'));
  await done('index', '--teacher', at('teacher'), '--passages', passages, '--out', at('by-folder'), ...quiet);
});
afterAll(() => vi.unstubAllEnvs());

describe('a name in the place of a folder', () => {
  it('index: the same as from the folder, and keeps where the teacher came from', async () => {
    const args = ['--passages', passages, '--out', at('index'), '--no-copy-teacher', '--threads', '1'];
    const { err } = await done('index', '--teacher', TEACHER, ...args);
    expect(err).toContain(`${TEACHER}: main is commit ${commits[TEACHER]}; `);
    const manifest = (name: string) => JSON.parse(readFileSync(at(`${name}/manifest.json`), 'utf8'));
    expect(manifest('index').fingerprint).toEqual(manifest('by-folder').fingerprint);
    const source = { name: TEACHER, revision: 'main', commit: commits[TEACHER] };
    expect(manifest('index').settings.teacherSource).toEqual(source);
    expect(manifest('by-folder').settings).not.toHaveProperty('teacherSource');

    await done('search', '--index', at('index'), 'boil water', ...quiet);
    rmSync(at('cache'), { recursive: true });
    const moved = await refract(['search', '--index', at('index'), 'boil water', ...quiet]);
    expect(moved.err).toContain(`--teacher ${TEACHER}@${commits[TEACHER]}`);
    await done('search', '--index', at('index'), '--teacher', TEACHER, 'boil water', ...quiet);
  });

  it('search, choose and explain: packs, whole and as differences, with their teacher', async () => {
    const search = (...models: string[]) =>
      done('search', '--index', at('by-folder'), 'maji safi', '--json', ...quiet, ...models);
    const { out: expected } = await search('--pack', at('pack'));
    expect((await search('--pack', PACK)).out).toBe(expected);
    expect((await search('--pack', SMALL, '--teacher', TEACHER)).out).toBe(expected);
    expect((await search('--pack', `${PACK}@${commits[PACK]}`)).out).toBe(expected);
    const explained = ['--index', at('by-folder'), '--passage', 'p9', '--json', '--threads', '1'];
    expect((await done('explain', 'maji', '--pack', PACK, ...explained)).out).toBe(
      (await done('explain', 'maji', '--pack', at('pack'), ...explained)).out,
    );
    const queries = folder.write(
      'choices.jsonl',
      jsonLines([{ id: 'q', text: 'maji', choices: ['safi', 'soko'], correct: 0 }]),
    );
    const qrels = folder.write('choices.txt', 'q 0 p9 1\n');
    const given = [
      '--index',
      at('by-folder'),
      '--queries',
      queries,
      '--qrels',
      qrels,
      '--out',
      at('c.jsonl'),
    ];
    await done('choose', ...given, '--pack', PACK, ...quiet);
  });

  it('distill and plan: the pack and its card name the teacher', async () => {
    const pairs = PASSAGES.map(({ text }) => `${text.slice(0, 30)}\t${text.slice(0, 25)}\n`).join('');
    const bitext = folder.write('en-sw.tsv', pairs);
    const given = ['--teacher', TEACHER, '--bitext', `sw=${bitext}`, '--set', 'batch.pairs=3', ...quiet];
    await done('distill', ...given, '--set', 'train.steps=2', '--set', 'maxTokens=24', '--out', at('made'));
    const { training } = JSON.parse(readFileSync(at('made/refract.json'), 'utf8'));
    expect(training.teacher).toEqual({ name: TEACHER, revision: 'main', commit: commits[TEACHER] });
    const card = readFileSync(at('made/README.md'), 'utf8');
    expect(card).toContain(`base_model: ${TEACHER}\n`);
    expect(card).toContain(`| teacher | ${TEACHER}, commit \`${commits[TEACHER]}\` (main) |`);
    const plan = await done(
      'plan',
      'index',
      '--teacher',
      TEACHER,
      '--passages',
      passages,
      '--json',
      ...quiet,
    );
    expect(JSON.parse(plan.out).passages).toBe(PASSAGES.length);
  });

  it('export, pack and doctor', async () => {
    await done('export', TEACHER, '--to', 'safetensors', '--out', at('exported'), '--quiet');
    await done('export', SMALL, '--teacher', TEACHER, '--to', 'onnx', '--out', at('onnx'), '--quiet');
    await done('pack', 'expand', SMALL, '--teacher', TEACHER, '--out', at('expanded'), '--quiet');
    await done('pack', 'shrink', PACK, '--teacher', TEACHER, '--out', at('shrunk'), '--quiet');
    expect(existsSync(at('shrunk/difference.safetensors'))).toBe(true);
    const text = folder.write('sw.txt', 'Chemsha maji kabla ya kunywa.\n');
    const { out } = await done('doctor', TEACHER, '--language', 'sw', '--text', text, '--json', '--quiet');
    expect(JSON.parse(out).model).toBe(TEACHER);
  });

  it('pretrain takes the tokenizer of one, and answer a reader', async () => {
    const text = folder.write('text.txt', PASSAGES.map((passage) => `${passage.text}\n`).join(''));
    const short = ['--size', 'tiny', '--set', 'train.steps=1', ...quiet];
    await done('pretrain', '--text', text, '--tokenizer', TEACHER, '--out', at('pretrained'), ...short);
    const tokenizer = (name: string) => JSON.parse(readFileSync(at(`${name}/tokenizer.json`), 'utf8')).model;
    expect(tokenizer('pretrained')).toEqual(tokenizer('teacher'));
    const examples = folder.write('squad.json', JSON.stringify({ version: '1.1', data: [] }));
    const asked = ['--examples', examples, '--out', at('answers.json'), '--quiet'];
    const { err } = await refract(['answer', '--reader', TEACHER, ...asked]);
    expect(err).toContain('the model has no reader');
  });
});

describe('where a base came from', () => {
  const questions = PASSAGES.map(({ id, text }) => ({ id: `q-${id}`, text: text.split(/[.,;।]/)[0] }));
  const queries = folder.write('queries.jsonl', jsonLines(questions));
  const qrels = folder.write('qrels.txt', PASSAGES.map(({ id }) => `q-${id} 0 ${id} 1\n`).join(''));
  const BASE = 'test-org/small-bert';
  const steps = ['--set', 'train.steps=1', ...quiet];
  const trainingOf = (name: string) => JSON.parse(readFileSync(at(`${name}/refract.json`), 'utf8')).training;
  const teach = (base: string, out: string) =>
    done(
      'teach',
      '--passages',
      passages,
      '--queries',
      queries,
      '--qrels',
      qrels,
      '--base',
      base,
      '--out',
      at(out),
      ...steps,
    );

  it('stands in refract.json and on the card, also through a pretrained encoder and of a pack of the teacher', async () => {
    const commit = server.publish(BASE, bertFiles());
    const base = { name: BASE, revision: 'main', commit };
    await teach(BASE, 'taught');
    expect(trainingOf('taught').base).toEqual(base);
    const card = readFileSync(at('taught/README.md'), 'utf8');
    expect(card).toContain(`base_model: ${BASE}\n`);
    expect(card).toContain(`| base | ${BASE}, commit \`${commit}\` (main) |`);

    const text = folder.write('mlm.txt', PASSAGES.map((passage) => `${passage.text}\n`).join(''));
    await done('pretrain', '--text', text, '--base', `${BASE}@${commit}`, '--out', at('continued'), ...steps);
    await teach(at('continued'), 'taught-later');
    expect(trainingOf('taught-later').base).toEqual({ ...base, revision: commit });

    const bitext = folder.write(
      'pairs.tsv',
      PASSAGES.map(({ text: t }) => `${t.slice(0, 30)}\t${t.slice(0, 25)}\n`).join(''),
    );
    const small = ['--set', 'batch.pairs=3', '--set', 'maxTokens=24'];
    await done(
      'distill',
      '--teacher',
      at('taught'),
      '--bitext',
      `sw=${bitext}`,
      '--out',
      at('pack-of'),
      ...small,
      ...steps,
    );
    expect(trainingOf('pack-of')).toMatchObject({ base });
    expect(trainingOf('pack-of')).not.toHaveProperty('teacher');
    expect(readFileSync(at('pack-of/README.md'), 'utf8')).toContain(
      `| base of the teacher | ${BASE}, commit`,
    );
    // Of a base that lies in a folder nothing is known.
    await teach('test/fixtures/base', 'from-folder');
    expect(trainingOf('from-folder')).not.toHaveProperty('base');
    expect(readFileSync(at('from-folder/README.md'), 'utf8')).toContain('| base | unknown |');
  });
});

describe('what is neither a folder nor a model', () => {
  const index = (teacher: string) =>
    refract(['index', '--teacher', teacher, '--passages', passages, '--out', at('never'), ...quiet]);
  beforeEach(() => vi.stubEnv('HF_HUB_CACHE', at('fresh-cache')));

  it('is told with the way out, and nothing is made', async () => {
    for (const [name, code, said] of [
      ['nowhere', 'FILE_MISSING', 'org/name@revision'],
      ['./test-org/teacher', 'FILE_MISSING', 'org/name@revision'],
      ['test-org/techer', 'MODEL_NOT_FOUND', 'letter by letter'],
      [`${TEACHER}@v9`, 'MODEL_NOT_FOUND', '/tree/main'],
      [`${TEACHER}@../x`, 'SETTING_INVALID', 'a branch, a tag or a commit'],
    ]) {
      const { code: exit, err } = await index(name);
      expect(exit).toBe(1);
      expect(err).toContain(`[${code}]`);
      expect(err).toContain(said);
    }
    expect(existsSync(at('never'))).toBe(false);
  });

  it('a misspelt folder beside others is not sent to the hub', async () => {
    server.asked.length = 0;
    const { code, err } = await index('test/fixture');
    expect(code).toBe(1);
    expect(err).toContain('[FILE_MISSING]');
    expect(err).toContain('The folder test holds fixtures');
    expect(err).toContain('test/fixture@main');
    expect(server.asked).toEqual([]);
  });

  it('offline says that the cache lacks it, and that there is no such folder; once fetched it is enough', async () => {
    vi.stubEnv('HF_HUB_OFFLINE', '1');
    server.asked.length = 0;
    const { err } = await index(TEACHER);
    expect(err).toContain('[DOWNLOAD_FAILED]');
    expect(err).toContain(`refract models get ${TEACHER}`);
    expect(err).toContain(`"${TEACHER}" is no folder here`);
    expect(server.asked).toEqual([]);
    vi.stubEnv('HF_HUB_OFFLINE', '');
    await done('models', 'get', TEACHER, '--quiet');
    vi.stubEnv('HF_HUB_OFFLINE', '1');
    server.asked.length = 0;
    await done('index', '--teacher', TEACHER, '--passages', passages, '--out', at('offline'), ...quiet);
    expect(server.asked).toEqual([]);
    vi.stubEnv('HF_HUB_OFFLINE', '');
  });
});
