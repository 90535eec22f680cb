/** The part of a tokenizer that turns a piece into ids: the kinds of `model` in a `tokenizer.json`. */
import type { Json, JsonObject } from '../tokenizer-json.ts';
import { bpe } from './bpe.ts';
import { ComponentFault, make, textOf } from './component.ts';
import { unigram } from './unigram.ts';
import { wordPiece } from './word-piece.ts';

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

/** The model of a file. Throws `ComponentFault`. */
export function modelOf(part: Json | undefined): Model {
  const json = { ...(part as JsonObject) };
  // Files of old versions say no type.
  if (json.type === undefined) json.type = typeOf(json);
  return make('model', json, {
    WordPiece: wordPiece,
    BPE: bpe,
    Unigram: unigram,
    WordLevel: wordLevel,
  });
}

function typeOf(model: JsonObject): string {
  if (model.merges !== undefined) return 'BPE';
  if (Array.isArray(model.vocab)) return 'Unigram';
  return model.continuing_subword_prefix === undefined ? 'WordLevel' : 'WordPiece';
}

/** A piece is one token, or unknown. */
function wordLevel(part: JsonObject): Model {
  const vocabulary = idsOf(part);
  const unknown = vocabulary.get(textOf(part, 'unk_token', '<unk>'));
  return {
    vocabulary,
    tokenize(piece) {
      const id = vocabulary.get(piece) ?? unknown;
      if (id === undefined) throw new ComponentFault('the vocabulary lacks its unk_token');
      return { ids: [id], starts: [0], ends: [piece.length] };
    },
  };
}

/** A vocabulary that is an object of ids. */
export function idsOf({ type, vocab }: JsonObject): Map<string, number> {
  if (typeof vocab !== 'object' || vocab === null || Array.isArray(vocab))
    throw new ComponentFault(`the vocabulary of ${type} is not an object of ids`);
  return new Map(Object.entries(vocab as Readonly<Record<string, number>>));
}
