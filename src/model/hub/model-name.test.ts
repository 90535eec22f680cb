/** What is a name on the hub, and what is a folder. */
import { expect, it } from 'vitest';
import { refusal } from '../../../test/temporary.ts';
import { hubNameOf, isCommit, parseHubName } from './model-name.ts';

it.each<[string, string, string]>([
  ['org/name', 'org/name', 'main'],
  ['org/name@v1.0', 'org/name', 'v1.0'],
  ['org/name@refs/pr/12', 'org/name', 'refs/pr/12'],
  ['my_org-1/bert.base-v2', 'my_org-1/bert.base-v2', 'main'],
  ['org/name@ветка', 'org/name', 'ветка'],
])('reads %s', (text, name, revision) => {
  expect(hubNameOf(text)).toEqual({ name, revision });
});

it.each([
  './org/name',
  '../name',
  '/org/name',
  '.',
  'name',
  'a/b/c',
  'org/name/',
  'C:\\models\\bert',
  'org\\name',
  '-org/name',
  'org/na--me',
  'org/na..me',
  'org/name.git',
  'मॉडल/नाम',
  'test/fixtures',
])('takes %s for a folder', (text) => {
  expect(hubNameOf(text)).toBeUndefined();
});

it.each(['..', '../x', 'a/../b', '/abs', 'a b', 'a\\b', 'a//b', 'x.lock', 'a/.b', '-x', 'a\u0000b'])(
  'refuses the revision %j',
  async (revision) => {
    expect((await refusal(() => parseHubName('org/name', revision))).code).toBe('SETTING_INVALID');
    expect((await refusal(() => parseHubName(`org/name@${revision}`))).code).toBe('SETTING_INVALID');
  },
);

it('takes a revision beside the name, but not two', async () => {
  expect(parseHubName('org/name', 'v2')).toEqual({ name: 'org/name', revision: 'v2' });
  expect(parseHubName('org/name@v2', 'v2')).toEqual({ name: 'org/name', revision: 'v2' });
  const error = await refusal(() => parseHubName('org/name@v1', 'v2'));
  expect(error.code).toBe('SETTING_INVALID');
  expect([isCommit('a'.repeat(40)), isCommit('a'.repeat(7)), isCommit('main')]).toEqual([true, false, false]);
});
