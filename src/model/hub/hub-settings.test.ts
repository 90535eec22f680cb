/** Environment variables of the hub's tools, in their order. */
import { homedir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { refusal, temporaryFolder } from '../../../test/temporary.ts';
import { hubSettings } from './hub-settings.ts';

const folder = temporaryFolder();

it.each<[Record<string, string>, string]>([
  [{}, join(homedir(), '.cache/huggingface/hub')],
  [{ XDG_CACHE_HOME: '/x' }, '/x/huggingface/hub'],
  [{ XDG_CACHE_HOME: '/x', HF_HOME: '/h' }, '/h/hub'],
  [{ HF_HOME: '~/h' }, join(homedir(), 'h/hub')],
  [{ HF_HOME: '/h', HUGGINGFACE_HUB_CACHE: '/old' }, '/old'],
  [{ HF_HOME: '/h', HUGGINGFACE_HUB_CACHE: '/old', HF_HUB_CACHE: '/c' }, '/c'],
  [{ HF_HUB_CACHE: ' ', HF_HOME: '/h' }, '/h/hub'],
])('%j has the cache %s', (environment, cache) => {
  expect(hubSettings(environment)).toMatchObject({
    cache,
    endpoint: 'https://huggingface.co',
    offline: false,
  });
});

it('takes the token from the environment, else from the file of who has logged in', () => {
  const home = join(folder.write('home/token', 'hf_file\n'), '..');
  expect(hubSettings({ HF_HOME: home }).token).toBe('hf_file');
  expect(hubSettings({ HF_HOME: home, HF_TOKEN: ' hf_env ' }).token).toBe('hf_env');
  expect(hubSettings({ HF_HOME: home, HF_TOKEN: '', HUGGING_FACE_HUB_TOKEN: 'hf_old' }).token).toBe('hf_old');
  expect(hubSettings({ HF_HOME: home, HF_TOKEN_PATH: folder.write('t', 'hf_path') }).token).toBe('hf_path');
  expect(hubSettings({ HF_HOME: folder.path })).not.toHaveProperty('token');
});

it('knows the spellings of yes, and of an address', async () => {
  for (const yes of ['1', 'ON', 'yes', 'True'])
    expect(hubSettings({ HF_HUB_OFFLINE: yes }).offline).toBe(true);
  for (const no of ['0', 'off', '', 'maybe']) expect(hubSettings({ HF_HUB_OFFLINE: no }).offline).toBe(false);
  expect(hubSettings({ HF_ENDPOINT: 'http://hub.example/base//' }).endpoint).toBe('http://hub.example/base');
  for (const wrong of ['hub.example', 'ftp://hub.example', 'http://user:secret@hub.example']) {
    const error = await refusal(() => hubSettings({ HF_ENDPOINT: wrong }));
    expect(error.code).toBe('SETTING_INVALID');
    expect(error.message).not.toContain('secret');
  }
});
