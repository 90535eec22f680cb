/** Bad input: each is refused with a code, the place and the way out, and leaves nothing half-written. */
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { PROJECTION } from '../src/model/checkpoint.ts';
import { readSafetensors, writeSafetensors } from '../src/model/safetensors.ts';
import { refract } from './command-line.ts';
import { temporaryFolder } from './temporary.ts';
import { jsonLines, PASSAGES, writeTinyRetriever } from './tiny-retriever.ts';

const folder = temporaryFolder();
const at = (name: string) => join(folder.path, name);
const passages = folder.write('passages.jsonl', jsonLines(PASSAGES));

beforeAll(async () => {
  const { fingerprint } = await writeTinyRetriever(at('teacher'));
  await writeTinyRetriever(at('pack'), { seed: 2, teacher: fingerprint });
  await writeTinyRetriever(at('other-teacher'), { seed: 3 });
  await writeTinyRetriever(at('other-pack'), { seed: 3, teacher: 'f'.repeat(16) });
  await writeTinyRetriever(at('other-tokenizer'), { texts: ['another collection of words altogether'] });
  await refract(['index', '--teacher', at('teacher'), '--passages', passages, '--out', at('index')]);
});

/** The message of a refused command, after checking that it is a user's error. */
async function refusal(args: readonly string[]): Promise<string> {
  const { code, err, out } = await refract(args);
  expect([code, out], err).toEqual([1, '']);
  expect(err, 'no stack').not.toMatch(/\n\s+at /);
  expect(err, 'a way out').toMatch(/\[[A-Z_]+\]\n {2}\S/);
  return err;
}

const indexing = (file: string, teacher = at('teacher'), out = at('never')) =>
  refusal(['index', '--teacher', teacher, '--passages', file, '--out', out]);

const searching = (...more: string[]) => refusal(['search', '--index', at('index'), ...more, 'water']);

/** A copy of the teacher that `change` has damaged. */
function damaged(name: string, change: (copy: string) => void): string {
  cpSync(at('teacher'), at(name), { recursive: true });
  change(at(name));
  return at(name);
}

describe('passages', () => {
  const line = (id: string) => `{"id": "${id}", "text": "water"}\n`;
  it.each<[string, string | Uint8Array, string, number | undefined]>([
    ['empty', '', 'FILE_EMPTY', undefined],
    ['blank', '\n \n', 'FILE_EMPTY', undefined],
    ['not JSON', `${line('a')}{"id": "b", \n`, 'LINE_FORMAT', 2],
    ['no text', `${line('a')}${line('b')}{"id": "c"}\n`, 'LINE_FORMAT', 3],
    ['duplicate ids', `${line('a')}${line('b')}${line('a')}`, 'DUPLICATE_ID', 3],
    ['not UTF-8', Buffer.concat([Buffer.from(line('a')), Buffer.from([0xff, 0x0a])]), 'FILE_ENCODING', 2],
  ])('%s', async (name, content, code, number) => {
    const file = folder.write(`bad/${name}.jsonl`, content);
    const message = await indexing(file);
    expect(message).toContain(`[${code}]`);
    expect(message).toContain(number === undefined ? `${file}: ` : `${file}:${number}: `);
    expect(readdirSync(folder.path).filter((entry) => entry.startsWith('never'))).toEqual([]);
  });

  it('missing', async () => {
    expect(await indexing(at('nowhere.jsonl'))).toContain(`${at('nowhere.jsonl')}: there is no such file`);
  });
});

describe('a teacher', () => {
  it.each<[string, string, (copy: string) => void, (string | RegExp)[]]>([
    [
      'without weights',
      'CHECKPOINT_INCOMPLETE',
      (copy) => rmSync(join(copy, 'model.safetensors')),
      ['no model.safetensors'],
    ],
    [
      'with a tensor of another shape',
      'CHECKPOINT_SHAPE',
      (copy) => {
        const file = join(copy, 'model.safetensors');
        const tensors = readSafetensors(file);
        tensors.set(PROJECTION, { dtype: 'F32', shape: [16, 32], data: new Float32Array(512) });
        writeSafetensors(file, tensors);
      },
      [PROJECTION, '[16, 32]', '[16, 64]'],
    ],
    [
      'with a larger vocabulary than its encoder',
      'TOKENIZER_MISMATCH',
      (copy) => {
        const file = join(copy, 'tokenizer.json');
        const json = JSON.parse(readFileSync(file, 'utf8'));
        json.model.vocab.maji1 = 9999;
        writeFileSync(file, JSON.stringify(json));
      },
      ['9999'],
    ],
    [
      'with cut-off weights',
      'CHECKPOINT_FORMAT',
      (copy) => {
        const file = join(copy, 'model.safetensors');
        writeFileSync(file, readFileSync(file).subarray(0, 5000));
      },
      ['model.safetensors'],
    ],
  ])('%s', async (name, code, change, parts) => {
    const message = await indexing(passages, damaged(name, change));
    for (const part of [`[${code}]`, ...parts]) expect(message).toContain(part);
    expect(existsSync(at('never'))).toBe(false);
  });

  it('that is a file', async () => {
    expect(await indexing(passages, passages)).toContain(`${passages}: a file, no folder [FILE_MISSING]`);
  });

  it('whose names would steer the terminal', async () => {
    const copy = damaged('steering', (folder) => {
      const file = join(folder, 'model.safetensors');
      const bytes = readFileSync(file);
      const name = 'linear.weight';
      const evil = '\\u001b[2J\\u0007';
      const header = bytes.subarray(8, 8 + Number(bytes.readBigUInt64LE(0))).toString();
      const changed = Buffer.from(header.replace(`"${name}":{"dtype":"F32"`, `"${evil}":{"dtype":"F9"`));
      const length = Buffer.alloc(8);
      length.writeBigUInt64LE(BigInt(changed.length));
      writeFileSync(file, Buffer.concat([length, changed, bytes.subarray(8 + header.length)]));
    });
    expect(await indexing(passages, copy)).toMatch(
      /tensor \ufffd\[2J\ufffd has dtype F9 \[CHECKPOINT_FORMAT\]/,
    );
  });

  it('whose vocabulary has no token for what is unknown', async () => {
    const copy = damaged('no-unknown', (folder) => {
      const file = join(folder, 'tokenizer.json');
      const json = JSON.parse(readFileSync(file, 'utf8'));
      const { vocab } = json.model;
      writeFileSync(
        file,
        JSON.stringify({ ...json, model: { type: 'WordPiece', vocab, unk_token: '[NONE]' } }),
      );
    });
    expect(await indexing(passages, copy)).toMatch(
      /unk_token \[NONE\]: .* cannot be read \[CHECKPOINT_FORMAT\]/,
    );
  });

  it('that is not there', async () => {
    expect(await indexing(passages, at('no-teacher'))).toContain('[FILE_MISSING]');
  });

  it('that is a language pack', async () => {
    const message = await indexing(passages, at('pack'));
    expect(message).toContain('language pack, not a teacher [TEACHER_MISMATCH]');
  });

  it('that is not the one of the index', async () => {
    expect(await searching('--teacher', at('other-teacher'))).toContain('[TEACHER_MISMATCH]');
    expect(await searching('--teacher', at('other-tokenizer'))).toContain('[TOKENIZER_MISMATCH]');
  });
});

describe('a pack', () => {
  it('made for another teacher', async () => {
    const message = await searching('--pack', at('other-pack'));
    expect(message).toContain(`made for teacher ${'f'.repeat(16)}`);
    expect(message).toContain('[TEACHER_MISMATCH]');
  });

  it('that is a teacher', async () => {
    expect(await searching('--pack', at('teacher'))).toContain('Leave --pack out');
  });

  it('that is not there', async () => {
    expect(await searching('--pack', at('no-pack'))).toContain('[FILE_MISSING]');
  });
});

describe('an index', () => {
  it.each(['search', 'explain'])('that is not there, in %s', async (command) => {
    const more = command === 'explain' ? ['--passage', 'p1'] : [];
    const message = await refusal([command, '--index', at('no-index'), ...more, 'water']);
    expect(message).toContain(`${at('no-index')}: no such index [FILE_MISSING]`);
  });

  it('that is no index', async () => {
    expect(await refusal(['search', '--index', at('teacher'), 'water'])).toContain('[CHECKPOINT_INCOMPLETE]');
  });

  it('whose copy of the teacher was changed', async () => {
    cpSync(at('index'), at('changed'), { recursive: true });
    cpSync(at('other-teacher'), at('changed/teacher'), { recursive: true });
    expect(await refusal(['search', '--index', at('changed'), 'water'])).toContain('[TEACHER_MISMATCH]');
  });
});

describe('a place that cannot be written', () => {
  // A file stands where a folder is needed: refused for every user, root too.
  const blocked = () => join(folder.write('a-file', 'x'), 'out');

  it('of an index', async () => {
    expect(await indexing(passages, at('teacher'), blocked())).toContain('[DISK_FULL]');
  });

  it('of a run', async () => {
    const queries = folder.write('q.jsonl', jsonLines([{ id: 'q1', text: 'water' }]));
    const message = await refusal([
      ...['search', '--index', at('index'), '--queries', queries, '--run', blocked()],
    ]);
    expect(message).toContain('[DISK_FULL]');
  });

  it('of an explanation', async () => {
    const message = await refusal([
      ...['explain', '--index', at('index'), '--passage', 'p1', '--html', blocked(), 'water'],
    ]);
    expect(message).toContain('[DISK_FULL]');
  });
});

describe('judgments and runs', () => {
  const QRELS = 'q1 0 p1 1\nq2 0 p2 1\n';
  const RUN = 'q1 Q0 p1 1 2.5 t\nq2 Q0 p2 1 2.5 t\n';
  it.each<[string, string, string, string, number | undefined]>([
    ['a run without queries that are judged', QRELS, 'x9 Q0 p1 1 1 t\n', 'UNKNOWN_ID', undefined],
    ['a passage twice for a query', QRELS, `${RUN}q1 Q0 p1 2 1 t\n`, 'DUPLICATE_ID', 3],
    ['a passage judged twice', `${QRELS}q1 0 p1 0\n`, RUN, 'DUPLICATE_ID', 3],
    ['a score that is no number', QRELS, `${RUN}q1 Q0 p3 2 NaN t\n`, 'RUN_FORMAT', 3],
    ['a grade that is no number', `${QRELS}q3 0 p1 yes\n`, RUN, 'RUN_FORMAT', 3],
    ['judgments where a run is needed', QRELS, QRELS, 'RUN_FORMAT', 1],
    ['a run where judgments are needed', RUN, RUN, 'RUN_FORMAT', 1],
    ['empty judgments', '', RUN, 'FILE_EMPTY', undefined],
  ])('%s', async (name, judgments, entries, code, line) => {
    const qrels = folder.write(`eval/${name}.qrels`, judgments);
    const run = folder.write(`eval/${name}.run`, entries);
    const message = await refusal(['eval', '--qrels', qrels, '--run', run]);
    expect(message).toContain(`[${code}]`);
    if (line !== undefined) expect(message).toMatch(new RegExp(`\\.(qrels|run):${line}: `));
  });

  it('an unknown measure, with the nearest', async () => {
    const files = ['--qrels', folder.write('e.qrels', QRELS), '--run', folder.write('e.run', RUN)];
    const message = await refusal(['eval', ...files, '-m', 'nDGC@10']);
    expect(message).toContain('[SETTING_UNKNOWN]');
    expect(message).toContain('Did you mean nDCG?');
    expect(await refusal(['eval', ...files, '-m', 'P'])).toContain('needs a cutoff');
    expect(await refusal(['eval', ...files, '--baseline', 'f'])).toContain('no run "f"');
  });
});

describe('faults', () => {
  it('print a stack and end with 2', async () => {
    const { code, err } = await refract(['search', '--index', at('index'), 'water'], {
      out: () => {
        throw new TypeError('the printer burns');
      },
    });
    expect(code).toBe(2);
    expect(err).toContain('TypeError: the printer burns');
    expect(err).toMatch(/\n\s+at /);
  });
});
