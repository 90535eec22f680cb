/**
 * The unigram language model (Kudo 2018): of all ways to cut a piece into tokens, the one with the highest sum of
 * log-probabilities. Characters that no token covers are unknown, and neighbours among them become one.
 */
import type { Json, JsonObject } from '../tokenizer-json.ts';
import { sizeAt } from './aligned-text.ts';
import { byteIds } from './byte-fallback.ts';
import { ComponentFault } from './component.ts';
import type { Model } from './piece-model.ts';
import { TokenTree } from './token-tree.ts';

/** How much less likely an unknown character is than the least likely token. */
const UNKNOWN_PENALTY = 10;

/** The model. */
export function unigram(part: JsonObject): Model {
  const entries = entriesOf(part.vocab);
  const unknown = typeof part.unk_id === 'number' ? part.unk_id : undefined;
  if (unknown !== undefined && entries[unknown] === undefined)
    throw new ComponentFault(`unk_id ${unknown} of Unigram is not in its vocabulary`);
  const vocabulary = new Map<string, number>();
  const tree = new TokenTree();
  let least = Infinity;
  entries.forEach(([token, score], id) => {
    vocabulary.set(token, id);
    least = Math.min(least, score);
    tree.add(token, id);
  });
  const scores = Float64Array.from(entries, ([, score]) => score);
  const unknownScore = least - UNKNOWN_PENALTY;
  const bytes = part.byte_fallback === true ? byteIds(vocabulary) : undefined;

  /** By end of a token: the best way's last token, where it starts, and the way's score. */
  const best = (piece: string) => {
    const size = piece.length;
    const ids = new Int32Array(size + 1);
    const starts = new Int32Array(size + 1).fill(-1);
    const sums = new Float64Array(size + 1);
    const offer = (start: number, end: number, id: number, sum: number) => {
      if (starts[end] >= 0 && sum <= sums[end]) return;
      sums[end] = sum;
      starts[end] = start;
      ids[end] = id;
    };
    for (let start = 0; start < size; ) {
      const length = sizeAt(piece, start);
      let single = false;
      tree.visit(piece, start, (id, end) => {
        offer(start, end, id, scores[id] + sums[start]);
        single ||= end - start === length;
      });
      if (!single) {
        if (unknown === undefined)
          throw new ComponentFault('a character is unknown, and the model has no unk_id');
        offer(start, start + length, unknown, unknownScore + sums[start]);
      }
      start += length;
    }
    return { ids, starts };
  };

  return {
    vocabulary,
    tokenize(piece) {
      const way = best(piece);
      const ids: number[] = [];
      const starts: number[] = [];
      const ends: number[] = [];
      // From the end: neighbouring unknowns are joined, and what they spell may still be a token.
      for (let end = piece.length; end > 0; ) {
        let start = way.starts[end];
        let id = way.ids[end];
        if (id === unknown) {
          while (start > 0 && way.ids[start] === unknown) start = way.starts[start];
          const surface = piece.slice(start, end);
          id = vocabulary.get(surface) ?? unknown;
          const spelt = vocabulary.has(surface) ? undefined : bytes?.(surface);
          for (const each of spelt?.reverse() ?? [id]) {
            ids.push(each);
            starts.push(start);
            ends.push(end);
          }
        } else {
          ids.push(id);
          starts.push(start);
          ends.push(end);
        }
        end = start;
      }
      return { ids: ids.reverse(), starts: starts.reverse(), ends: ends.reverse() };
    },
  };
}

function entriesOf(vocab: Json | undefined): [token: string, score: number][] {
  if (!Array.isArray(vocab)) throw new ComponentFault('the vocabulary of Unigram is not a list');
  return vocab.map((entry: Json) => {
    const [token, score] = Array.isArray(entry) ? entry : [];
    if (typeof token !== 'string' || typeof score !== 'number')
      throw new ComponentFault('the vocabulary of Unigram is not a list of tokens with scores');
    return [token, score];
  });
}
