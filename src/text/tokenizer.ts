/**
 * Loading and using a Hugging Face tokenizer: `tokenizer.json` with, where it exists, the
 * `tokenizer_config.json` beside it. Ids are those of `@huggingface/tokenizers`.
 */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Tokenizer as LibraryTokenizer } from '@huggingface/tokenizers';
import { RefractError } from '../errors.ts';
import { CachedEncoder } from './cached-encoder.ts';
import { type Speller, spellerOf, type TokenOffsets, tokenRanges } from './token-offsets.ts';
import { type JsonObject, type TokenizerJson, tokenizerFingerprint } from './tokenizer-json.ts';

/** Parsed JSON whose content is not known yet. */
type UnknownObject = { readonly [key: string]: unknown };

/** How many distinct characters are remembered before their store is emptied. */
const REMEMBERED_CHARACTERS = 50_000;

/** A word of the text as the tokenizer sees it, with the tokens it consists of. */
export interface TokenizedWord {
  /** The normalised word, e.g. `kiswahili`. */
  readonly word: string;
  /** Position of its first token among the ids of `encode`. */
  readonly start: number;
  /** Its tokens as they stand in the vocabulary, e.g. `['▁kiswa', 'hili']`. */
  readonly tokens: readonly string[];
}

/** A loaded tokenizer. Make one with `loadTokenizer`. */
export class TextTokenizer {
  /** The parsed `tokenizer.json`, as it was read. */
  readonly json: TokenizerJson;
  /** Number of ids: one more than the largest. */
  readonly vocabSize: number;
  /** Ids of the special tokens by their text, e.g. `[MASK]`. */
  readonly specials: ReadonlyMap<string, number>;
  /** SHA-256 of what decides the ids; equal for tokenizers that give equal ids. */
  readonly fingerprint: string;

  readonly #library: LibraryTokenizer;
  readonly #specialIds: ReadonlySet<number>;
  readonly #encoder: CachedEncoder;
  readonly #speller: Speller;
  /** Characters as the normalizer leaves them. */
  readonly #normalised = new Map<string, string>();

  constructor(json: TokenizerJson, config: JsonObject) {
    this.json = json;
    this.#library = new LibraryTokenizer(json, config);
    this.specials = new Map(
      json.added_tokens.filter((token) => token.special).map((token) => [token.content, token.id]),
    );
    this.#specialIds = new Set(this.specials.values());
    let largest = -1;
    for (const id of this.#library.get_vocab().values()) largest = Math.max(largest, id);
    this.vocabSize = largest + 1;
    this.fingerprint = tokenizerFingerprint(json);
    this.#encoder = new CachedEncoder(this.#library, json, config);
    this.#speller = spellerOf(json);
  }

  /**
   * The ids of a text, shape `[tokens]`, without the special tokens of the template.
   *
   * @example tokenizer.encode('Habari ya asubuhi') // Int32Array [ 812, 301, 4410 ]
   */
  encode(text: string): Int32Array {
    return this.#encoder.encode(text);
  }

  /**
   * The ids of a text, as `encode` gives them, with the place of each in the text.
   *
   * @example tokenizer.encodeWithOffsets('Habari') // { ids: [812, 301], starts: [0, 4], ends: [4, 6] }
   */
  encodeWithOffsets(text: string): TokenOffsets {
    const ids = this.encode(text);
    const normalise = (character: string) => this.#normalise(character);
    return { ids, ...tokenRanges(text, this.tokens(ids), this.#speller, normalise) };
  }

  /**
   * The text as the normalizer leaves it, before it is cut into tokens.
   *
   * @example tokenizer.normalise('Ọjọ́') // 'ojo', where it lower-cases and strips accents
   */
  normalise(text: string): string {
    return this.#library.normalizer?.normalize(text) ?? text;
  }

  #normalise(character: string): string {
    const known = this.#normalised.get(character);
    if (known !== undefined) return known;
    const normalised = this.normalise(character);
    if (this.#normalised.size >= REMEMBERED_CHARACTERS) this.#normalised.clear();
    this.#normalised.set(character, normalised);
    return normalised;
  }

  /** The id of a token as it stands in the vocabulary, special or not; undefined when there is none. */
  idOf(token: string): number | undefined {
    return this.specials.get(token) ?? this.#library.token_to_id(token);
  }

  /**
   * The id of a special token.
   *
   * @throws RefractError `CHECKPOINT_INCOMPLETE` when the tokenizer has no such token
   */
  specialId(token: string): number {
    const id = this.idOf(token);
    if (id !== undefined) return id;
    throw new RefractError('CHECKPOINT_INCOMPLETE', `the tokenizer has no token ${token}`, {
      at: 'tokenizer.json',
      hint: `Use a tokenizer with this token; its special tokens are ${[...this.specials.keys()].join(' ')}.`,
    });
  }

  /** The tokens of ids as they stand in the vocabulary; `[UNK]` for ids beyond it. */
  tokens(ids: Iterable<number>): string[] {
    return Array.from(ids, (id) => this.#library.id_to_token(id) ?? '[UNK]');
  }

  /** Text from ids, special tokens left out, as the tokenizer's decoder puts it together. */
  decode(ids: Iterable<number>): string {
    const kept = Array.from(ids).filter((id) => !this.#specialIds.has(id));
    if (kept.length === 0) return '';
    return this.#library.decode(kept, { clean_up_tokenization_spaces: false });
  }

  /**
   * The tokens of a text grouped under its words, for explaining an alignment.
   *
   * @example tokenizer.words('Kiswahili') // [{ word: 'kiswahili', start: 0, tokens: ['▁kiswa', 'hili'] }]
   */
  words(text: string): TokenizedWord[] {
    const ids = Array.from(this.encode(text));
    const tokens = this.tokens(ids);
    const starts = tokens.flatMap((token, i) => (i === 0 || this.#beginsWord(token, ids[i]) ? [i] : []));
    return starts.map((start, w) => {
      const end = starts[w + 1] ?? ids.length;
      const word = this.#specialIds.has(ids[start])
        ? tokens[start]
        : this.decode(ids.slice(start, end)).trim();
      return { word, start, tokens: tokens.slice(start, end) };
    });
  }

  #beginsWord(token: string, id: number): boolean {
    if (this.#specialIds.has(id)) return true;
    const { type, continuing_subword_prefix: prefix } = this.json.model;
    if (type === 'WordPiece') return !token.startsWith(typeof prefix === 'string' ? prefix : '##');
    return token.startsWith('▁') || token.startsWith('Ġ');
  }
}

/**
 * Loads a tokenizer from a checkpoint folder, from the path of a `tokenizer.json`, or from its parsed
 * object.
 *
 * @param config - the parsed `tokenizer_config.json`; by default the one beside the file, where there is one
 * @throws RefractError `CHECKPOINT_INCOMPLETE` when the folder has no `tokenizer.json`;
 *   `CHECKPOINT_FORMAT` when it is not JSON, not a tokenizer, or of an unsupported kind
 * @example const tokenizer = loadTokenizer('models/teacher')
 */
export function loadTokenizer(source: string | UnknownObject, config?: UnknownObject): TextTokenizer {
  if (typeof source !== 'string') return build(source, config ?? {}, 'tokenizer.json');
  const isDirectory = existsSync(source) && statSync(source).isDirectory();
  const path = isDirectory ? join(source, 'tokenizer.json') : source;
  if (!existsSync(path)) {
    throw new RefractError('CHECKPOINT_INCOMPLETE', 'there is no tokenizer.json', {
      at: source,
      hint: 'Name a folder that holds one; a vocab.txt or sentencepiece model alone must be converted first.',
    });
  }
  const configPath = join(dirname(path), 'tokenizer_config.json');
  return build(readJson(path), config ?? (existsSync(configPath) ? readJson(configPath) : {}), path);
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw damaged(path, 'not readable as JSON', cause);
  }
}

function damaged(path: string, what: string, cause?: unknown): RefractError {
  return new RefractError('CHECKPOINT_FORMAT', what, {
    at: path,
    hint: 'Fetch or save the checkpoint again; the file must be a tokenizer.json of Hugging Face tokenizers.',
    cause,
  });
}

function build(json: unknown, config: unknown, path: string): TextTokenizer {
  if (!isTokenizerJson(json)) {
    throw damaged(path, 'not a tokenizer.json: it lacks a model with a vocabulary of tokens and ids');
  }
  try {
    return new TextTokenizer(json, config as JsonObject);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw damaged(path, `this tokenizer cannot be used: ${reason}`, cause);
  }
}

function isTokenizerJson(json: unknown): json is TokenizerJson {
  if (json === null || typeof json !== 'object') return false;
  const { model, added_tokens: added } = json as Partial<TokenizerJson>;
  const vocabulary: unknown = model?.vocab;
  if (!Array.isArray(added) || !added.every((token) => isId(token?.id))) return false;
  if (Array.isArray(vocabulary)) return vocabulary.every((entry) => Array.isArray(entry));
  return vocabulary !== null && typeof vocabulary === 'object' && Object.values(vocabulary).every(isId);
}

function isId(value: unknown): boolean {
  return Number.isInteger(value) && Number(value) >= 0;
}
