/** WordPiece (Wu et al. 2016): from the left, the longest token each time; a word with a rest that is none is unknown. */
import type { JsonObject } from '../tokenizer-json.ts';
import { ComponentFault, textOf } from './component.ts';
import { idsOf, type Model, type PieceTokens } from './piece-model.ts';

/** The model. Longer words than `max_input_chars_per_word` are unknown. */
export function wordPiece(part: JsonObject): Model {
  const vocabulary = idsOf(part);
  const unknownToken = textOf(part, 'unk_token', '[UNK]');
  const prefix = textOf(part, 'continuing_subword_prefix', '##');
  const most = Number(part.max_input_chars_per_word ?? 100);
  const longest = [...vocabulary.keys()].reduce((length, token) => Math.max(length, token.length), 0);

  const unknown = (piece: string): PieceTokens => {
    const id = vocabulary.get(unknownToken);
    if (id === undefined) throw new ComponentFault(`the vocabulary lacks its unk_token ${unknownToken}`);
    return { ids: [id], starts: [0], ends: [piece.length] };
  };

  return {
    vocabulary,
    tokenize(piece) {
      if (piece.length > most && [...piece].length > most) return unknown(piece);
      const ids: number[] = [];
      const starts: number[] = [];
      const ends: number[] = [];
      for (let start = 0; start < piece.length; ) {
        const before = start > 0 ? prefix : '';
        let end = Math.min(piece.length, start + longest);
        let id: number | undefined;
        for (; end > start; end--) {
          id = vocabulary.get(before + piece.slice(start, end));
          if (id !== undefined) break;
        }
        if (id === undefined) return unknown(piece);
        ids.push(id);
        starts.push(start);
        ends.push(end);
        start = end;
      }
      return { ids, starts, ends };
    },
  };
}
