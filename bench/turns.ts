/** Systems measured in turns: each is a process that has its data loaded and works when it is given a line. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** Seconds by the clock, and by the processor in all threads of the process, collection of garbage too. */
export interface Seconds {
  readonly seconds: number;
  readonly processor: number;
}

/** One system: its process prints a line when it is loaded, then a line of JSON for each line it is given. */
export class System<Turn> {
  private readonly child: ChildProcess;
  private readonly lines: AsyncIterator<string>;

  constructor(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    this.child = spawn(command, args, {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, ...env },
    });
    this.lines = createInterface({ input: this.child.stdout! })[Symbol.asyncIterator]();
  }

  /** A script of this folder, in a process like this one. */
  static own<Turn>(args: readonly string[]): System<Turn> {
    return new System(process.execPath, ['--import', 'tsx', '--max-old-space-size=8192', ...args]);
  }

  /** What it says when it is loaded. */
  async loaded(): Promise<string> {
    const { value, done } = await this.lines.next();
    if (done) throw new Error('a system ended early');
    return value;
  }

  /** Gives it a line, and waits for the answer. */
  async turn(line = 'go'): Promise<Turn> {
    this.child.stdin!.write(`${line}\n`);
    return JSON.parse(await this.loaded());
  }

  end(): void {
    this.child.stdin!.end();
  }
}

/** The other end of `System`: says that it is loaded, then answers each line with what `turn` returns. */
export async function takeTurns(loaded: string, turn: (line: string) => Promise<object>): Promise<void> {
  console.log(loaded);
  for await (const line of createInterface({ input: process.stdin }))
    process.stdout.write(`${JSON.stringify(await turn(line))}\n`);
}

/** The result of `work` and how long it took. */
export async function timed<T>(work: () => T | Promise<T>): Promise<Seconds & { readonly result: T }> {
  const used = process.cpuUsage();
  const start = performance.now();
  const result = await work();
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(used);
  return { seconds, processor: (user + system) / 1e6, result };
}

/** `median (least to most)` */
export function range(list: readonly number[]): string {
  const sorted = [...list].sort((a, b) => a - b);
  return `${sorted[sorted.length >> 1].toFixed(2)} (${sorted[0].toFixed(2)} to ${sorted.at(-1)!.toFixed(2)})`;
}
