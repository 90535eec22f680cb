/** `refract export`: what is written, what is printed, and what is refused. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { refract } from './command-line.ts';
import { temporaryFolder } from './temporary.ts';
import { writeTinyRetriever } from './tiny-retriever.ts';

const folder = temporaryFolder();
const at = (name: string) => join(folder.path, name);
await writeTinyRetriever(at('teacher'));

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
  const unknown = await refract(['export', at('teacher'), '--to', 'paper', '--out', at('other')]);
  expect(unknown.code).toBe(1);
  expect(unknown.err).toContain('onnx');
  const missing = await refract(['export', at('nowhere'), '--to', 'onnx', '--out', at('other')]);
  expect(missing.err).toContain('FILE_MISSING');
  const wrong = ['--to', 'onnx', '--out', at('other'), '--precision', 'int4'];
  expect((await refract(['export', at('teacher'), ...wrong])).err).toContain('float16');
});
