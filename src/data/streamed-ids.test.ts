/** Duplicates in files of passages where every id has the same hash: the file decides; and in a pipe, which cannot. */
import { execFileSync } from 'node:child_process';
import { gzipSync } from 'node:zlib';
import { describe, expect, it, vi } from 'vitest';
import { refusal, temporaryFolder } from '../../test/temporary.ts';
import { readPassages } from './passages.ts';

vi.mock('./id-hash.ts', () => ({ hashId: () => [3, 5] }));

const folder = temporaryFolder();
const IDS = ['ọjà', 'oja', 'ตลาด', 'बाज़ार', 'سوق'];
const lines = (ids: readonly string[]) =>
  ids.map((id) => `${JSON.stringify({ id, text: 'soko' })}\n`).join('');

describe('StreamedIds', () => {
  it.each<[string, string | Uint8Array]>([
    ['p.jsonl', lines(IDS)],
    ['p.jsonl.gz', gzipSync(lines(IDS))],
    ['p.tsv', IDS.map((id) => `${id}\tsoko\n`).join('')],
  ])('takes ids that share a hash for what they are: %s', async (name, content) => {
    const passages = await readPassages(folder.write(name, content));
    expect(passages.map(({ id }) => id)).toEqual(IDS);
  });

  it('names both lines of an id that is there twice', async () => {
    const path = folder.write('twice.jsonl', `${lines(IDS)}\n${lines(['x', 'ตลาด'])}`);
    const error = await refusal(() => readPassages(path));
    expect(error).toMatchObject({ code: 'DUPLICATE_ID', at: path, line: 8 });
    expect(error.what).toBe('passage id "ตลาด" is already on line 3');
  });

  it.skipIf(process.platform === 'win32')('holds the ids of a pipe, which cannot be read again', async () => {
    const path = `${folder.path}/pipe`;
    execFileSync('mkfifo', [path]);
    const { writeFile } = await import('node:fs/promises');
    const written = writeFile(path, lines([...IDS, 'oja']));
    const error = await refusal(() => readPassages(path));
    await written.catch(() => {});
    expect(error.what).toBe('passage id "oja" is already on line 2');
  });
});
