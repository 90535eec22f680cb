import { defineConfig } from 'tsdown';

export default defineConfig({
  // Workers are started as files of their own.
  entry: [
    'src/index.ts',
    'src/cli/main.ts',
    'src/study/cell-worker.ts',
    'src/index/compressed/thread-worker.ts',
  ],
  format: 'esm',
  platform: 'node',
  target: 'node20',
  outDir: 'dist',
  unbundle: true,
  dts: true,
  clean: true,
});
