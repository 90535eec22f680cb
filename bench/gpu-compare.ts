/**
 * bench/gpu-step.ts and bench/gpu_step_torch.py on the same card, in turns: both tasks, float32 and mixed precision.
 * Prints a table; everything else on the command line goes to both.
 *
 *     npx tsx bench/gpu-compare.ts --python python3
 *     npx tsx bench/gpu-compare.ts --python python3 --device cpu --torch-device cpu --precisions float32 \
 *       --layers 1 --hidden 64 --vocab 500 --batch 4 --tokens 8 --passage-tokens 16 --steps 3
 */
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';

const { values, tokens } = parseArgs({
  strict: false,
  tokens: true,
  options: {
    python: { type: 'string', default: 'python3' },
    device: { type: 'string', default: 'webgpu' },
    'torch-device': { type: 'string', default: 'cuda' },
    precisions: { type: 'string', default: 'float32,mixed' },
  },
});
const own = new Set(['python', 'device', 'torch-device', 'precisions']);
const passedOn: string[] = [];
tokens?.forEach((token, i) => {
  if (token.kind === 'option' && !own.has(token.name)) passedOn.push(token.rawName);
  const before = tokens[i - 1];
  if (token.kind === 'positional' && before?.kind === 'option' && !own.has(before.name))
    passedOn.push(token.value);
});

/** The last line that a program prints, as JSON, or what it complains of. */
function lineOf(command: string, args: readonly string[]): Record<string, number | string> | string {
  const { stdout, stderr, status } = spawnSync(command, args, { encoding: 'utf8' });
  const complaints = (stderr ?? '').split('\n').filter((line) => /^\w*(Error|Exception)\b/.test(line));
  if (status !== 0) return complaints.at(-1) ?? `status ${status}`;
  return JSON.parse(stdout.trim().split('\n').at(-1)!);
}

console.log(
  '| task | precision | engine | device | steps/s | tokens/s | loss |\n|---|---|---|---|---|---|---|',
);
for (const task of ['colbert', 'optical']) {
  for (const precision of String(values.precisions).split(',')) {
    const common = [
      '--task',
      task,
      ...(precision === 'mixed' ? ['--mixed-precision'] : []),
      ...passedOn,
      '--device',
    ];
    const runs: [string, string[]][] = [
      ['npx', ['tsx', 'bench/gpu-step.ts', ...common, String(values.device)]],
      [String(values.python), ['bench/gpu_step_torch.py', ...common, String(values['torch-device'])]],
    ];
    for (const [command, args] of runs) {
      const line = lineOf(command, args);
      if (typeof line === 'string') console.log(`| ${task} | ${precision} | ${command} | failed: ${line} |`);
      else {
        const { engine, device, stepsPerSecond, tokensPerSecond, loss } = line;
        const numbers = [stepsPerSecond, tokensPerSecond, loss].map((x) => Number(x).toPrecision(4));
        console.log(`| ${task} | ${precision} | ${engine} | ${device} | ${numbers.join(' | ')} |`);
      }
    }
  }
}
