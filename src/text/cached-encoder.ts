/**
 * Text to ids, with the ids of every distinct part remembered: the same words come again and again, and
 * looking one up is many times faster than splitting and merging it anew. Ids are those of
 * `@huggingface/tokenizers`. What a part may be depends on the tokenizer:
 *
 * - runs between spaces, when normalising and splitting are known to be local to them (the tokenizers
 *   trained here, and BERT's);
 * - otherwise the pieces of the pre-tokenizer, when the model treats each by itself;
 * - otherwise, and for a text that holds an added token such as `[MASK]`, nothing is remembered.
 */
import type { Tokenizer as LibraryTokenizer } from '@huggingface/tokenizers';
import { normalizerJson, preTokenizerJson } from './pretokenization.ts';
import { canonicalJson, type JsonObject, type TokenizerJson } from './tokenizer-json.ts';

/** How many distinct parts are remembered before the store is emptied. */
const REMEMBERED_PARTS = 200_000;

/** White space in every implementation's sense; rarer kinds are left to the pre-tokenizer. */
const SPACES = /[ \t\n\r]+/;

type Part = 'run' | 'piece' | 'none';

/** Encodes texts for one tokenizer. */
export class CachedEncoder {
  readonly #library: LibraryTokenizer;
  readonly #part: Part;
  readonly #added: RegExp | undefined;
  readonly #known = new Map<string, readonly number[]>();

  constructor(library: LibraryTokenizer, json: TokenizerJson, config: JsonObject) {
    this.#library = library;
    this.#part = partOf(library, json, config);
    const contents = json.added_tokens.map((token) => token.content.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&'));
    this.#added = contents.length === 0 ? undefined : new RegExp(contents.join('|'), 'u');
  }

  /** Ids of `text`, shape `[tokens]`, without the special tokens of the template. */
  encode(text: string): Int32Array {
    if (this.#part === 'none' || this.#added?.test(text)) {
      return Int32Array.from(this.#library.encode(text, { add_special_tokens: false }).ids);
    }
    const ids: number[] = [];
    if (this.#part === 'run') {
      for (const run of text.split(SPACES)) {
        for (const id of this.#remembered(run, this.#split)) ids.push(id);
      }
    } else {
      for (const piece of this.#split(text)) {
        for (const id of this.#remembered(piece, (whole) => [whole])) ids.push(id);
      }
    }
    return Int32Array.from(ids);
  }

  /** Pieces of a text: normalised, then pre-tokenised. */
  readonly #split = (text: string): string[] => {
    const { normalizer, pre_tokenizer: preTokenizer } = this.#library;
    const normalized = normalizer === null ? text : normalizer.normalize(text);
    if (normalized === '') return [];
    return preTokenizer?.pre_tokenize(normalized, { section_index: 0 }) ?? [normalized];
  };

  #remembered(part: string, split: (part: string) => string[]): readonly number[] {
    const known = this.#known.get(part);
    if (known !== undefined) return known;
    const model = this.#library.model;
    const tokens: string[] = model?.encode(split(part)) ?? [];
    const ids = tokens.map((token) => model?.tokens_to_ids.get(token) ?? model?.unk_token_id ?? 0);
    if (this.#known.size >= REMEMBERED_PARTS) this.#known.clear();
    this.#known.set(part, ids);
    return ids;
  }
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
