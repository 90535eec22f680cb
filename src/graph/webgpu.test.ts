/**
 * Every operator and its gradient on WebGPU against PyTorch. It needs a device and REFRACT_WEBGPU=1.
 *
 * SwiftShader is a device in software; Debian's package chromium has it, and the Vulkan loader beside it. Where it is
 * installed vitest.config.ts uses it. For a card:
 *
 *     REFRACT_WEBGPU=1 npx vitest run src/graph/webgpu.test.ts src/graph/transfer.test.ts src/train/*device*.test.ts
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import '../../test/allclose.ts';
import { GRADIENT_CASES } from '../../test/gradient-cases.ts';
import { runCase } from '../../test/gradient-check.ts';

const asked = process.env.REFRACT_WEBGPU === '1';

describe.skipIf(!asked)(
  'on WebGPU, where REFRACT_WEBGPU=1, operators and gradients agree with PyTorch',
  () => {
    const golden: { output: number[]; gradients: number[][] }[] = JSON.parse(
      readFileSync('test/fixtures/gradients/golden.json', 'utf8'),
    );
    GRADIENT_CASES.forEach((each, n) => {
      it(each.name, async (context) => {
        const run = await runCase(each, 'webgpu').catch((error: Error) => {
          // An optional feature of WebGPU, which SwiftShader and some cards lack.
          if (/has no 16-bit floats/.test(error.message)) return undefined;
          throw error;
        });
        if (run === undefined) return context.skip('the device has no 16-bit floats');
        // WebGPU's shading language lets sines and cosines be wrong by 2^-11.
        const absolute = ['sin', 'cos'].includes(each.name) ? 2 ** -11 : 1e-5;
        const tolerance = { relative: 1e-4, absolute };
        expect(run.output).toBeAllclose(golden[n].output, tolerance);
        run.gradients.forEach((g, i) => {
          expect(g, `gradient ${i}`).toBeAllclose(golden[n].gradients[i], tolerance);
        });
        await run.close();
      });
    });
  },
);
