/** The model to be examined, as far as it can be opened: a damaged one is a finding, and its tokenizer may still be whole. */
import { existsSync, statSync } from 'node:fs';
import { RefractError } from '../errors.ts';
import { type Checkpoint, readCheckpoint } from '../model/checkpoint.ts';
import { tokenizerOf } from '../model/tokenizer-files.ts';
import { loadTokenizer, type TextTokenizer } from '../text/tokenizer.ts';

/** What could be opened. */
export interface OpenedModel {
  readonly path: string;
  /** Absent where the path is that of a `tokenizer.json`, and where the model is damaged. */
  readonly checkpoint?: Checkpoint;
  /** Why the model cannot be used. */
  readonly fault?: RefractError;
  readonly tokenizer?: TextTokenizer;
  /** Why the tokenizer cannot be used. */
  readonly tokenizerFault?: RefractError;
}

/**
 * Opens a model folder (teacher, pack, reader, pretrained or any encoder that `teach --base` takes), or a
 * `tokenizer.json` alone.
 *
 * @throws RefractError `FILE_MISSING` when there is nothing at `path`
 * @example openModel('models/teacher').tokenizer?.vocabSize // 32000
 */
export function openModel(path: string): OpenedModel {
  if (!existsSync(path))
    throw new RefractError('FILE_MISSING', 'there is no such model', {
      at: path,
      hint: 'Give the folder of a model, or a tokenizer.json.',
    });
  if (!statSync(path).isDirectory()) return { path, ...attempt('tokenizer', () => loadTokenizer(path)) };
  const opened = attempt('checkpoint', () => readCheckpoint(path, { allowBase: true }));
  const { checkpoint, fault } = opened;
  return {
    path,
    ...(checkpoint && { checkpoint }),
    ...(fault && { fault }),
    ...attempt('tokenizer', () => (checkpoint ? tokenizerOf(checkpoint) : loadTokenizer(path))),
  };
}

function attempt<Value>(
  name: 'tokenizer',
  open: () => Value,
): { tokenizer?: Value; tokenizerFault?: RefractError };
function attempt<Value>(name: 'checkpoint', open: () => Value): { checkpoint?: Value; fault?: RefractError };
function attempt<Value>(name: 'tokenizer' | 'checkpoint', open: () => Value): Record<string, unknown> {
  try {
    return { [name]: open() };
  } catch (error) {
    if (!(error instanceof RefractError)) throw error;
    return { [name === 'tokenizer' ? 'tokenizerFault' : 'fault']: error };
  }
}
