import { existsSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

/** A graphics device in software, of Debian's package chromium, with the Vulkan loader beside it. */
const SWIFTSHADER = '/usr/lib/chromium';
const drivers = `${SWIFTSHADER}/vk_swiftshader_icd.json`;
if (process.env.REFRACT_WEBGPU === undefined && existsSync(drivers)) {
  // Test processes inherit these; a loader reads them when the process starts.
  process.env.REFRACT_WEBGPU = '1';
  process.env.VK_ICD_FILENAMES = drivers;
  process.env.LD_LIBRARY_PATH = [SWIFTSHADER, process.env.LD_LIBRARY_PATH].filter(Boolean).join(':');
}

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      exclude: ['src/**/*.test.ts', 'src/graph/onnx/schema/**'],
      reporter: ['text-summary'],
    },
  },
});
