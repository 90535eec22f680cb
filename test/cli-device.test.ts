/** `--device` at the command line: what is chosen, told and refused. */
import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { refract } from './command-line.ts';
import { temporaryFolder } from './temporary.ts';
import { jsonLines, PASSAGES, writeTinyRetriever } from './tiny-retriever.ts';

const folder = temporaryFolder();
const passages = folder.write('passages.jsonl', jsonLines(PASSAGES));
const teacher = `${folder.path}/teacher`;
await writeTinyRetriever(teacher);
let made = 0;
const index = (...more: string[]) =>
  refract([
    'index',
    '--teacher',
    teacher,
    '--passages',
    passages,
    '--out',
    `${folder.path}/${made++}`,
    ...more,
  ]);

describe('--device', () => {
  it('auto computes on what there is, and says which', async () => {
    const { code, err } = await index('--device', 'auto');
    expect(code).toBe(0);
    expect(err).toMatch(/^Device: (cpu \(.+\)|webgpu)\.$/m);
    expect((await index('--device', 'auto', '--quiet')).err).not.toContain('Device');
  });

  it('cuda is refused where its libraries are not installed, with the way to install them', async () => {
    const { code, err } = await index('--device', 'cuda');
    if (code === 0) return; // a machine with CUDA
    expect(code).toBe(1);
    expect(err).toContain('[DEVICE_UNAVAILABLE]');
    expect(err).toContain('ONNXRUNTIME_NODE_INSTALL=cuda12 npm rebuild onnxruntime-node');
    const fallback = await index('--device', 'cuda', '--device-fallback');
    expect(fallback.code).toBe(0);
    expect(fallback.err).toMatch(/^Device: cpu \(cuda cannot be used: .+\)\.$/m);
  });

  it('of another name is refused with the list', async () => {
    const { code, err } = await index('--device', 'tpu');
    expect(code).toBe(1);
    expect(err).toContain('auto, cpu, webgpu, cuda');
  });
});

it('--mixed-precision is for webgpu', async () => {
  const text = folder.write('text.txt', jsonLines(PASSAGES));
  const out = `${folder.path}/pretrained`;
  const { code, err } = await refract([
    'pretrain',
    '--text',
    text,
    '--out',
    out,
    '--size',
    'tiny',
    '--mixed-precision',
    '--set',
    'tokenizer.vocabSize=300',
  ]);
  expect(code).toBe(1);
  expect(err).toContain('mixed precision is for webgpu, not cpu [SETTING_INVALID]');
});

it('--mixed-precision with adapters is for webgpu, too: refused before anything is made', async () => {
  const bitext = folder.write(
    'pairs.tsv',
    'Boil the water.\tपानी उबालें।\nWhere is the market?\tNíbo ni ọjà wà?\n',
  );
  const out = `${folder.path}/pack`;
  const { code, err } = await refract([
    ...['distill', '--teacher', teacher, '--bitext', bitext, '--language', 'hi', '--out', out, '--quiet'],
    ...['--mixed-precision', '--set', 'train.adapters.rank=2', '--set', 'train.adapters.alpha=4'],
  ]);
  expect(code).toBe(1);
  expect(err).toContain('mixed precision is for webgpu, not cpu [SETTING_INVALID]');
  expect(err).toContain('use --device webgpu');
  expect([out, `${out}.unfinished`].filter((place) => existsSync(place))).toEqual([]);
});
