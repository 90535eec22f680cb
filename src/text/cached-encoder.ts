/**
 * Text to ids, with the ids of every distinct part remembered: the same words come again and again, and
 * looking one up is many times faster than splitting and merging it anew. Ids are those of
 * `@huggingface/tokenizers`. What a part may be depends on the tokenizer:
 *
 * - runs between spaces, when normalising and splitting are known to be local to them (the tokenizers
 *   trained here, and BERT's), and their pieces;
 * - otherwise only the pieces of the pre-tokenizer, when the model treats each by itself;
 * - otherwise, and for a text that holds an added token such as `[MASK]`, nothing is remembered.
 */
import type { Tokenizer as LibraryTokenizer } from '@huggingface/tokenizers';
import { normalizerJson, preTokenizerJson } from './pretokenization.ts';
import { canonicalJson, type JsonObject, type TokenizerJson } from './tokenizer-json.ts';

/** How many distinct runs, and how many pieces, are remembered before their store is emptied. */
const REMEMBERED_PARTS = 200_000;

/** White space in every implementation's sense; rarer kinds are left to the pre-tokenizer. */
const SPACES = /[ \t\n\r]+/;

type Part = 'run' | 'piece' | 'none';

/** Encodes texts for one tokenizer. */
export class CachedEncoder {
  readonly #library: LibraryTokenizer;
  readonly #part: Part;
  readonly #added: RegExp | undefined;
  readonly #runs = new Map<string, readonly number[]>();
  readonly #pieces = new Map<string, readonly number[]>();

  constructor(library: LibraryTokenizer, json: TokenizerJson, config: JsonObject) {
    this.#library = library;
    this.#part = partOf(library, json, config);
    const contents = json.added_tokens.map((token) => token.content.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'));
    this.#added = contents.length === 0 ? undefined : new RegExp(contents.join('|'), 'u');
  }

  /** Ids of `text`, shape `[tokens]`, without the special tokens of the template. */
  encode(text: string): Int32Array {
    if (this.#part === 'none' || this.#added?.test(text)) {
      return Int32Array.from(this.#library.encode(text, { add_special_tokens: false }).ids);
    }
    if (this.#part === 'piece') return Int32Array.from(this.#split(text));
    const ids: number[] = [];
    for (const run of text.split(SPACES)) {
      for (const id of this.#idsOfRun(run)) ids.push(id);
    }
    return Int32Array.from(ids);
  }

  #idsOfRun(run: string): readonly number[] {
    const known = this.#runs.get(run);
    return known ?? remember(this.#runs, run, this.#split(run));
  }

  /** Normalises, splits and looks up. */
  #split(text: string): number[] {
    const { normalizer, pre_tokenizer: preTokenizer } = this.#library;
    const normalized = normalizer === null ? text : normalizer.normalize(text);
    if (normalized === '') return [];
    const pieces = preTokenizer?.pre_tokenize(normalized, { section_index: 0 }) ?? [normalized];
    return pieces.flatMap((piece: string) => this.#idsOfPiece(piece));
  }

  #idsOfPiece(piece: string): readonly number[] {
    const known = this.#pieces.get(piece);
    if (known !== undefined) return known;
    const model = this.#library.model;
    const tokens: string[] = model?.encode([piece]) ?? [];
    const ids = tokens.map((token) => model?.tokens_to_ids.get(token) ?? model?.unk_token_id ?? 0);
    return remember(this.#pieces, piece, ids);
  }
}

/** Stores `ids` under `part`; a full store is emptied first. */
function remember(
  store: Map<string, readonly number[]>,
  part: string,
  ids: readonly number[],
): readonly number[] {
  if (store.size >= REMEMBERED_PARTS) store.clear();
  store.set(part, ids);
  return ids;
}

function partOf(library: LibraryTokenizer, json: TokenizerJson, config: JsonObject): Part {
  const wholeText =
    json.pre_tokenizer === null ||
    library.model?.fuse_unk === true ||
    config.remove_space === true ||
    config.do_lowercase_and_remove_accent === true ||
    json.added_tokens.some((token) => token.normalized ?? !token.special);
  if (wholeText) return 'none';
  return isLocal(json) ? 'run' : 'piece';
}

/** Whether normalising and splitting a text is the same as doing so to each run between spaces. */
function isLocal(json: TokenizerJson): boolean {
  if (json.normalizer?.type === 'BertNormalizer' && json.pre_tokenizer?.type === 'BertPreTokenizer')
    return true;
  const normalizer = canonicalJson(json.normalizer);
  return (
    canonicalJson(json.pre_tokenizer) === canonicalJson(preTokenizerJson()) &&
    [true, false].some((lowercase) => normalizer === canonicalJson(normalizerJson(lowercase)))
  );
}
