/**
 * Byte-pair encoding (Sennrich et al. 2016): a piece begins as its characters, and of the neighbours that may be
 * merged, those of the lowest rank are merged first, from the left, until none are left.
 */
import type { Json, JsonObject } from '../tokenizer-json.ts';
import { byteIds } from './byte-fallback.ts';
import { ComponentFault } from './component.ts';
import { mergeAll } from './merge-symbols.ts';
import { MergeTable } from './merge-table.ts';
import { idsOf, type Model, type PieceTokens } from './piece-model.ts';

const WORD_MARK = '▁';

/** The model. Dropout is for training and not applied. */
export function bpe(part: JsonObject): Model {
  const vocabulary = idsOf(part);
  const prefix = optionalText(part.continuing_subword_prefix);
  const suffix = optionalText(part.end_of_word_suffix);
  const pairs = pairsOf(part.merges);
  const table = tableOf(pairs, vocabulary, prefix);
  const unknownToken = optionalText(part.unk_token);
  const unknown = unknownToken === '' ? undefined : vocabulary.get(unknownToken);
  if (unknownToken !== '' && unknown === undefined)
    throw new ComponentFault(`the vocabulary lacks its unk_token ${unknownToken}`);
  const bytes = part.byte_fallback === true ? byteIds(vocabulary) : undefined;
  const wholeWords = part.ignore_merges === true;

  /** Ids of the characters and their sizes in UTF-8 bytes. */
  const symbolsOf = (piece: string) => {
    const ids: number[] = [];
    const sizes: number[] = [];
    let waiting = 0; // bytes of unknown characters that have no symbol yet
    const settle = () => {
      if (waiting > 0 && unknown !== undefined) {
        ids.push(unknown);
        sizes.push(waiting);
      }
      waiting = 0;
    };
    let at = 0;
    for (const character of piece) {
      const start = at;
      at += character.length;
      const size = bytesOf(character.codePointAt(0) ?? 0);
      const symbol = (start > 0 ? prefix : '') + character + (at === piece.length ? suffix : '');
      const id = vocabulary.get(symbol);
      const spelt = id === undefined ? bytes?.(symbol) : undefined;
      if (id !== undefined) {
        settle();
        ids.push(id);
        sizes.push(size);
      } else if (spelt) {
        ids.push(...spelt);
        sizes.push(...spelt.map(() => 1));
      } else if (unknown !== undefined) {
        if (part.fuse_unk !== true) settle();
        waiting += size;
      }
    }
    settle();
    return { ids, sizes };
  };

  return {
    vocabulary,
    seam: seamOf(pairs, part, vocabulary),
    tokenize(piece) {
      const whole = wholeWords ? vocabulary.get(piece) : undefined;
      if (whole !== undefined) return { ids: [whole], starts: [0], ends: [piece.length] };
      const { ids, sizes } = symbolsOf(piece);
      return placed(piece, ...mergeAll(ids, sizes, table));
    },
  };
}

/** Tokens with their ranges in code units, from sizes in bytes. A range of a part of a character is all of it. */
function placed(piece: string, ids: readonly number[], sizes: readonly number[]): PieceTokens {
  const starts: number[] = [];
  const ends: number[] = [];
  let at = 0;
  let atByte = 0; // first byte of the character at `at`
  let position = 0;
  /** Goes on to the character that holds a byte. */
  const seek = (byte: number) => {
    while (at < piece.length) {
      const code = piece.codePointAt(at) ?? 0;
      const size = bytesOf(code);
      if (byte < atByte + size) return code > 0xffff ? 2 : 1;
      at += code > 0xffff ? 2 : 1;
      atByte += size;
    }
    return 0;
  };
  for (const size of sizes) {
    seek(position);
    starts.push(at);
    position += size;
    const last = seek(position - 1);
    ends.push(at + last);
  }
  return { ids, starts, ends };
}

function bytesOf(code: number): number {
  if (code < 0x80) return 1;
  if (code < 0x800) return 2;
  return code < 0x10000 ? 3 : 4;
}

function optionalText(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}

/** Merges are pairs, or texts with a space between in files of old versions. */
function pairsOf(merges: Json | undefined): [string, string][] {
  if (!Array.isArray(merges)) throw new ComponentFault('BPE lacks its list of merges');
  return merges.map((merge: Json) => {
    const pair = typeof merge === 'string' ? merge.split(' ') : merge;
    if (!Array.isArray(pair) || pair.length !== 2)
      throw new ComponentFault(`a merge of BPE is no pair: ${JSON.stringify(merge)}`);
    return [String(pair[0]), String(pair[1])];
  });
}

function tableOf(
  pairs: readonly [string, string][],
  vocabulary: ReadonlyMap<string, number>,
  prefix: string,
): MergeTable {
  const table = new MergeTable(pairs.length);
  const idOf = (token: string) => {
    const id = vocabulary.get(token);
    if (id === undefined)
      throw new ComponentFault(`a merge of BPE needs the token ${token}, which is not there`);
    return id;
  };
  pairs.forEach(([left, right], rank) => {
    table.set(idOf(left), idOf(right), rank, idOf(left + right.slice(prefix.length)));
  });
  return table;
}

/** The word mark, where no merge goes across its left side. */
function seamOf(
  pairs: readonly [string, string][],
  part: JsonObject,
  vocabulary: ReadonlyMap<string, number>,
): string | undefined {
  const plain = optionalText(part.continuing_subword_prefix) + optionalText(part.end_of_word_suffix) === '';
  if (!plain || part.ignore_merges === true || !vocabulary.has(WORD_MARK)) return undefined;
  const across = pairs.some(([left, right]) => right.startsWith(WORD_MARK) && !left.endsWith(WORD_MARK));
  return across ? undefined : WORD_MARK;
}
