/** Sizes and checksums against values that other programs give. */
import { expect, it } from 'vitest';
import { temporaryFolder } from '../../../test/temporary.ts';
import { checkFile } from './checksum.ts';

const folder = temporaryFolder();
// printf 'omi\n' | git hash-object --stdin, | sha256sum, | md5sum
const path = folder.write('omi.txt', 'omi\n');
const known = {
  gitSha1: 'a05dda810dcc29bf18d18b4fdde30e6504e0bbad',
  sha256: '641ba5f14f4d02648f3c06dbb3713916bdf279a7b3dab1fc1da8a40b5bb37ba9',
  md5: 'fa2dc4b0d4c9825dc50aa18d8f329145',
};

it('takes the strongest checksum that is known', async () => {
  const { sha256, gitSha1, md5 } = known;
  expect(await checkFile(path, { bytes: 4, sha256, md5: '0' })).toEqual({ verified: 'sha256' });
  expect(await checkFile(path, { gitSha1, md5: '0' })).toEqual({ verified: 'gitSha1' });
  expect(await checkFile(path, { md5 })).toEqual({ verified: 'md5' });
  expect(await checkFile(path, { bytes: 4 })).toEqual({ verified: 'size' });
  expect(await checkFile(path, {})).toEqual({ verified: 'nothing' });
});

it('says what is wrong', async () => {
  expect(await checkFile(path, { bytes: 5, sha256: known.sha256 })).toEqual({
    wrong: 'has 4 bytes where 5 were published',
  });
  expect(await checkFile(path, { gitSha1: 'f'.repeat(40) })).toEqual({
    wrong: `has the Git SHA-1 ${known.gitSha1} where ${'f'.repeat(40)} was published`,
  });
});

it('reports progress, and can be stopped', async () => {
  const large = folder.write('large', new Uint8Array(3 * 2 ** 20));
  const seen: number[] = [];
  await checkFile(large, { md5: '0' }, { report: (done) => seen.push(done) });
  expect(seen.at(-1)).toBe(3 * 2 ** 20);
  await expect(checkFile(large, { md5: '0' }, { signal: AbortSignal.abort() })).rejects.toThrow();
});
