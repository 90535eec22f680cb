/** ONNX files that were cut off, changed, or copied without their data. */
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { refusal, temporaryFolder } from '../../test/temporary.ts';
import { importEncoder } from './onnx-encoder.ts';

const folder = temporaryFolder();
const FIXTURES = 'test/fixtures/onnx-import';

describe('a damaged file', () => {
  const whole = readFileSync(`${FIXTURES}/odd-dynamo-20.onnx`);

  it('is refused wherever it was cut off', async () => {
    for (let i = 0; i < 40; i++) {
      const path = folder.write('cut.onnx', whole.subarray(0, Math.floor((whole.length * i) / 40)));
      expect((await refusal(() => importEncoder(path))).code, `cut at ${i}/40`).toBe('CHECKPOINT_FORMAT');
    }
  });

  it('is refused or read, but never ends in another error, whichever byte is changed', () => {
    for (let i = 0; i < 150; i++) {
      const bytes = Uint8Array.from(whole);
      // Most of the file is weights, where a byte does no harm: half of the changes are in its first part, the nodes.
      const at = Math.floor((i % 2 ? whole.length : 12_000) * ((i + 0.5) / 150));
      bytes[at] ^= 1 << (i % 8);
      try {
        importEncoder(folder.write('changed.onnx', bytes));
      } catch (error) {
        expect(error, `byte ${at}`).toMatchObject({ name: 'RefractError' });
      }
    }
  });

  it('holds what is no number', async () => {
    const data = readFileSync(`${FIXTURES}/external/onnx/model.onnx.data`);
    data.writeFloatLE(Number.NaN, 0);
    folder.write('nan/model.onnx', readFileSync(`${FIXTURES}/external/onnx/model.onnx`));
    folder.write('nan/model.onnx.data', data);
    const error = await refusal(() => importEncoder(join(folder.path, 'nan')));
    expect(error.code).toBe('CHECKPOINT_FORMAT');
    expect(error.what).toMatch(/^tensor \S+ holds NaN$/);
  });

  it('lacks the data that should lie beside it', async () => {
    const path = join(folder.path, 'apart/model.onnx');
    mkdirSync(join(folder.path, 'apart'));
    copyFileSync(`${FIXTURES}/external/onnx/model.onnx`, path);
    const missing = await refusal(() => importEncoder(path));
    expect(missing.code).toBe('CHECKPOINT_INCOMPLETE');
    expect(missing.message).toContain('model.onnx.data');
    const data = readFileSync(`${FIXTURES}/external/onnx/model.onnx.data`);
    folder.write('apart/model.onnx.data', data.subarray(0, data.length - 100));
    const short = await refusal(() => importEncoder(path));
    expect(short.code).toBe('CHECKPOINT_FORMAT');
    expect(short.message).toMatch(/tensor .* needs bytes/);
  });
});
