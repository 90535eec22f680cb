/** What a command may touch of the world: where it prints, how it shows progress, when it must stop. */
import type { Command } from 'commander';
import type { ProgressFactory } from '../progress.ts';

/** Handed to every command; tests hand in their own. */
export interface CommandIo {
  /** Results, to standard output. */
  readonly out: (text: string) => void;
  /** Notes and errors, to standard error. */
  readonly err: (text: string) => void;
  /** Columns of the terminal, where there is one. */
  readonly columns?: number;
  readonly progress: ProgressFactory;
  /** Aborted by the first SIGINT. */
  readonly signal: AbortSignal;
}

/** Adds one command to the program. */
export type CommandRegistration = (program: Command, io: CommandIo) => void;
