/** Which process holds a lock, so that one that has ended is told from one that has its number now. */
import { execFileSync } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** A process on a machine. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly host: string;
  /** What tells machines, and containers with processes of their own, of one name apart; empty where nothing does. */
  readonly machine: string;
  /** When it was started, in words that only it has among those of its number; empty where it cannot be told. */
  readonly started: string;
}

/** This process. */
export function thisProcess(): ProcessIdentity {
  return { pid: process.pid, host: hostname(), machine: machineOf(), started: startOf(process.pid) };
}

/** Whether the numbers of a process are those of this machine; only then can be told whether it runs. */
export function isOfThisMachine({ host, machine }: Omit<ProcessIdentity, 'pid' | 'started'>): boolean {
  return host === hostname() && machine === machineOf();
}

/** On Linux the number of the installation and that of the processes' namespace. */
function machineOf(): string {
  if (process.platform !== 'linux') return '';
  const tried = (read: () => string) => {
    try {
      return read().trim();
    } catch {
      return '';
    }
  };
  const namespace = tried(() => readlinkSync('/proc/self/ns/pid'));
  return `${tried(() => readFileSync('/etc/machine-id', 'utf8'))} ${namespace}`;
}

/** Whether a process of this machine still runs. */
export function isRunning({ pid, started }: Pick<ProcessIdentity, 'pid' | 'started'>): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // It runs, as another user.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  const now = startOf(pid);
  return started === '' || now === '' || now === started;
}

/** When process `pid` was started: on Linux the boot and the clock ticks since then. */
function startOf(pid: number): string {
  try {
    if (process.platform === 'linux') {
      const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      // The name in brackets may hold spaces; the start is the 20th field after it.
      return `${boot} ${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]}`;
    }
    if (process.platform === 'win32') return '';
    // In the same words whoever asks.
    const env = { ...process.env, LC_ALL: 'C', TZ: 'UTC' };
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8', env }).trim();
  } catch {
    return '';
  }
}
