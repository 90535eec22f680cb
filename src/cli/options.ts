/** Options that several commands share, and the checks of their values. */
import { Option } from 'commander';
import { RefractError } from '../errors.ts';
import { type ProgressFactory, silent } from '../progress.ts';
import type { CommandIo } from './io.ts';

/**
 * A parser of whole numbers of at least `least` for the option `name`; throws `SETTING_INVALID`.
 *
 * @example command.option('-k, --top <count>', 'passages to print', wholeNumber('-k'), 10)
 */
export function wholeNumber(name: string, least = 1): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (Number.isSafeInteger(value) && value >= least) return value;
    throw new RefractError(
      'SETTING_INVALID',
      `${name} "${text}" is not a whole number of at least ${least}`,
      {
        hint: `Write for example ${name} ${Math.max(least, 10)}.`,
      },
    );
  };
}

/** `--threads <count>`. */
export function threadsOption(): Option {
  return new Option(
    '--threads <count>',
    'threads of one computation (default: all cores); fix it for equal bytes on another machine',
  ).argParser(wholeNumber('--threads'));
}

/** `--quiet`. */
export function quietOption(): Option {
  return new Option('--quiet', 'no progress and no notes on standard error');
}

/** The progress to show, given `--quiet`. */
export function progressOf(io: CommandIo, quiet: boolean | undefined): ProgressFactory {
  return quiet === true ? silent : io.progress;
}

/** Who hears sentences about what is odd in a file, given `--quiet`. */
export function notesOf(io: CommandIo, quiet: boolean | undefined): (sentence: string) => void {
  return quiet === true ? () => {} : (sentence) => io.err(`${sentence}\n`);
}

/** The text under a command's help that shows how it is used. */
export function example(lines: string): string {
  return `\nExample:\n${lines
    .trim()
    .split('\n')
    .map((line) => `  $ ${line.trim()}`)
    .join('\n')}`;
}

/**
 * A parser of shares, numbers from 0 to 1, for the option `name`; throws `SETTING_INVALID`.
 *
 * @example command.option('--p <share>', 'part of the words to switch', share('--p'), 0.5)
 */
export function share(name: string): (text: string) => number {
  return (text) => {
    const value = text.trim() === '' ? Number.NaN : Number(text);
    if (value >= 0 && value <= 1) return value;
    throw new RefractError('SETTING_INVALID', `${name} "${text}" is not a number from 0 to 1`, {
      hint: `Write for example ${name} 0.5.`,
    });
  };
}
