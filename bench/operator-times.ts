/** Where the time of a session goes: ONNX Runtime's trace, summed by operator and shape. */
import { readdirSync, readFileSync, unlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

interface TraceEvent {
  readonly name: string;
  readonly cat: string;
  readonly dur: number;
  readonly args?: {
    readonly op_name?: string;
    readonly input_type_shape?: readonly Record<string, readonly number[]>[];
    readonly output_type_shape?: readonly Record<string, readonly number[]>[];
  };
}

/**
 * Lines of tables, slowest first, of the traces that a session with `profile: prefix` has left; the traces are
 * deleted. The first `skip` runs, which warm up, are left out; sums are per run.
 */
export function operatorTimes(prefix: string, skip: number, most = 40): string {
  const sums = new Map<string, { count: number; microseconds: number }>();
  const operators = new Map<string, { count: number; microseconds: number }>();
  let [total, runs] = [0, -skip];
  const folder = dirname(prefix);
  const start = `${basename(prefix)}_`;
  for (const file of readdirSync(folder).filter((name) => name.startsWith(start) && name.endsWith('.json'))) {
    const events: TraceEvent[] = JSON.parse(readFileSync(join(folder, file), 'utf8'));
    for (const { name, cat, dur, args } of events) {
      // The event of a run follows those of its operators.
      if (name === 'model_run') runs++;
      if (runs < 0 || cat !== 'Node' || !name.endsWith('_kernel_time')) continue;
      const shapes = (list: readonly Record<string, readonly number[]>[] = []) =>
        list.map((each) => `[${Object.values(each)[0]}]`).join(' ');
      const op = args?.op_name ?? '?';
      count(sums, `${op} ${shapes(args?.input_type_shape)} -> ${shapes(args?.output_type_shape)}`, dur);
      count(operators, op, dur);
      total += dur;
    }
    unlinkSync(join(folder, file));
  }
  const lines = (table: typeof sums, rows: number) =>
    [...table]
      .sort(([, a], [, b]) => b.microseconds - a.microseconds)
      .slice(0, rows)
      .map(([key, { count, microseconds }]) => {
        const share = ((100 * microseconds) / total).toFixed(1);
        return `| ${(microseconds / runs / 1000).toFixed(2)} | ${share} % | ${(count / runs).toFixed(0)} | ${key} |`;
      });
  const head = ['| ms a run | share | calls | operator |', '|---|---|---|---|'];
  return [
    `${(total / runs / 1000).toFixed(1)} ms a run in operators`,
    ...head,
    ...lines(operators, 30),
    '',
    ...head,
    ...lines(sums, most),
  ].join('\n');
}

function count(
  table: Map<string, { count: number; microseconds: number }>,
  key: string,
  microseconds: number,
): void {
  const sum = table.get(key) ?? { count: 0, microseconds: 0 };
  sum.count++;
  sum.microseconds += microseconds;
  table.set(key, sum);
}
