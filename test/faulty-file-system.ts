/** A disk on which something goes wrong at the n-th operation. */
import { type FileSystem, nodeFileSystem } from '../src/index/file-system.ts';

/** What happens at an operation, which has not been done yet. */
export interface Fault {
  /** The operation, from 1. */
  readonly at: number;
  /** Ends the process, or throws. A write has then been half done. */
  strike(operation: string): void;
}

/** Counts the operations that change the disk, and strikes at one of them. */
export class FaultyFileSystem implements FileSystem {
  private readonly fault: Fault | undefined;
  /** Operations so far. */
  count = 0;

  constructor(fault?: Fault) {
    this.fault = fault;
  }

  async create(path: string) {
    this.step('create');
    const file = await nodeFileSystem.create(path);
    return {
      write: async (bytes: Uint8Array) => {
        if (this.fault?.at === this.count + 1) await file.write(bytes.subarray(0, bytes.length >> 1));
        this.step('write');
        await file.write(bytes);
      },
      sync: async () => {
        this.step('sync');
        await file.sync();
      },
      close: () => file.close(),
    };
  }

  makeDirectory(path: string): void {
    this.step('make directory');
    nodeFileSystem.makeDirectory(path);
  }

  rename(from: string, to: string): void {
    this.step('rename');
    nodeFileSystem.rename(from, to);
  }

  link(from: string, to: string): void {
    this.step('link');
    nodeFileSystem.link(from, to);
  }

  remove(path: string): void {
    this.step('remove');
    nodeFileSystem.remove(path);
  }

  syncDirectory(path: string): void {
    this.step('sync directory');
    nodeFileSystem.syncDirectory(path);
  }

  private step(operation: string): void {
    if (this.fault?.at === ++this.count) this.fault.strike(operation);
  }
}

/** A disk that has no room from the n-th operation on; removing and closing still work. */
export function fullDisk(at: number): FaultyFileSystem {
  let full = false;
  const fail = (operation: string) => {
    if (/create|write|make|link/.test(operation))
      throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
  };
  const fault: Fault = {
    get at() {
      return full ? files.count + 1 : at;
    },
    strike(operation) {
      full = true;
      fail(operation);
    },
  };
  const files: FaultyFileSystem = new FaultyFileSystem(fault);
  return files;
}
