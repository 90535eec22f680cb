/** What every kind of model gives: a vocabulary, and the tokens of a piece. */
import type { JsonObject } from '../tokenizer-json.ts';
import { ComponentFault } from './component.ts';

/** The ids of a piece, each with its range in the piece. */
export interface PieceTokens {
  readonly ids: readonly number[];
  readonly starts: readonly number[];
  readonly ends: readonly number[];
}

export interface Model {
  /** Id by token. */
  readonly vocabulary: ReadonlyMap<string, number>;
  /** The ids of a piece. Throws `ComponentFault` when a character is unknown and the model has no token for that. */
  tokenize(piece: string): PieceTokens;
  /**
   * A character before whose runs a piece may be cut, as no token goes across: what lies between can be tokenized
   * each by itself. Absent where there is none.
   */
  readonly seam?: string;
}

/** A vocabulary that is an object of ids. */
export function idsOf({ type, vocab }: JsonObject): Map<string, number> {
  if (typeof vocab !== 'object' || vocab === null || Array.isArray(vocab))
    throw new ComponentFault(`the vocabulary of ${type} is not an object of ids`);
  return new Map(Object.entries(vocab as Readonly<Record<string, number>>));
}
