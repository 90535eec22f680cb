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

/**
 * The text without control characters but line ends and tabs: names of tensors, files and models come from outside, and
 * in a message they must not steer the terminal.
 *
 * @example withoutControls('tensor \x1b[2J') // 'tensor \ufffd[2J'
 */
export function withoutControls(text: string): string {
  return text.replace(/(?![\n\t])\p{Cc}/gu, '\ufffd');
}
