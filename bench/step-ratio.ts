/**
 * A training step of Refract and of PyTorch in turn, A B A B ..., on the two sizes of docs/lab.md, and the
 * ratio of each pair of runs: the machine's speed drifts, the ratio of neighbours does so less.
 *
 *     npx tsx bench/step-ratio.ts --python PYTHON [--rounds 5] [--only small|large] [--threads 2]
 *
 * PYTHON is an interpreter with torch and transformers. PyTorch is measured twice, with AdamW's default and
 * with its fused kernel; the ratios are to the default and to the better of both.
 */
import { execFileSync } from 'node:child_process';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    python: { type: 'string' },
    rounds: { type: 'string', default: '5' },
    only: { type: 'string' },
    threads: { type: 'string', default: '2' },
  },
});
if (!values.python) throw new Error('Give --python, an interpreter with torch and transformers.');
const python = values.python;

interface Measured {
  readonly milliseconds: number;
  readonly forwardBackward: number;
  readonly peakMiB: number;
}

const sizes: Readonly<Record<string, readonly string[]>> = {
  small: ['--layers', '4', '--hidden', '256', '--batch', '64', '--tokens', '32', '--steps', '10'],
  large: [
    ...['--layers', '12', '--hidden', '768', '--batch', '16', '--tokens', '32'],
    ...['--vocab', '30522', '--steps', '5'],
  ],
};

const run = (command: string, args: readonly string[]): Measured =>
  JSON.parse(
    execFileSync(command, [...args, '--threads', values.threads], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
      .trim()
      .split('\n')
      .at(-1)!,
  );
const median = (list: readonly number[]) => [...list].sort((a, b) => a - b)[list.length >> 1];
const range = (list: readonly number[]) =>
  `${median(list).toFixed(2)} (${Math.min(...list).toFixed(2)} to ${Math.max(...list).toFixed(2)})`;

for (const [name, args] of Object.entries(sizes)) {
  if (values.only && values.only !== name) continue;
  const rows: { refract: Measured; plain: Measured; best: Measured }[] = [];
  for (let round = 0; round < Number(values.rounds); round++) {
    const refract = run(process.execPath, ['--import', 'tsx', 'bench/step.ts', ...args]);
    const plain = run(python, ['bench/step_torch.py', ...args]);
    const fused = run(python, ['bench/step_torch.py', ...args, '--fused']);
    const best = {
      milliseconds: Math.min(plain.milliseconds, fused.milliseconds),
      forwardBackward: Math.min(plain.forwardBackward, fused.forwardBackward),
      peakMiB: Math.min(plain.peakMiB, fused.peakMiB),
    };
    rows.push({ refract, plain, best });
    const show = ({ milliseconds, forwardBackward, peakMiB }: Measured) =>
      `${milliseconds.toFixed(0)} ms (${forwardBackward.toFixed(0)}), ${peakMiB.toFixed(0)} MiB`;
    console.log(`${name} ${round + 1}: refract ${show(refract)}; torch ${show(plain)}; fused ${show(fused)}`);
  }
  for (const rival of ['plain', 'best'] as const) {
    const ratios = (key: keyof Measured) => range(rows.map((row) => row.refract[key] / row[rival][key]));
    console.log(
      `${name}: refract / torch ${rival === 'plain' ? 'with default AdamW' : 'at its best'}: step ${ratios('milliseconds')}, forward and backward ${ratios('forwardBackward')}, peak memory ${ratios('peakMiB')}`,
    );
  }
}
