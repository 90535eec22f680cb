/** The part of a tokenizer that turns a piece into ids: the kinds of `model` in a `tokenizer.json`. */
import type { Json, JsonObject } from '../tokenizer-json.ts';
import { bpe } from './bpe.ts';
import { ComponentFault, make, textOf } from './component.ts';
import { idsOf, type Model } from './piece-model.ts';
import { unigram } from './unigram.ts';
import { wordPiece } from './word-piece.ts';

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
