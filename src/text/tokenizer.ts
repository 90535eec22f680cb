/**
 * Loading and using a Hugging Face tokenizer: `tokenizer.json` with, where they are, the `tokenizer_config.json` and
 * the `special_tokens_map.json` beside it. Ids and places are those of the Python library `tokenizers`.
 */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { RefractError } from '../errors.ts';
import { type FramedTokens, type FrameOptions, frame, type PairFrame, pairFrame } from './frame.ts';
import { ROLE_NAMES, rolesOf, type TokenRole, USUAL_TOKENS } from './special-roles.ts';
import type { TokenOffsets } from './token-offsets.ts';
import { ComponentFault } from './tokenize/component.ts';
import { type TokenDecoder, tokenDecoderOf } from './tokenize/decoder.ts';
import { Pipeline, type PlacedTokens } from './tokenize/pipeline.ts';
import { checkTemplate, type Template, templateOf } from './tokenize/template.ts';
import { trimPlaces } from './tokenize/trim-places.ts';
import { type TokenizerJson, tokenizerFingerprint } from './tokenizer-json.ts';

/** Parsed JSON whose content is not known yet. */
type UnknownObject = { readonly [key: string]: unknown };

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
  /** Ids of the special tokens by their role; a role that none plays is absent. */
  readonly roles: ReadonlyMap<TokenRole, number>;
  /** `tokenizerFingerprint` of what decides the ids; equal for tokenizers that give equal ids. */
  readonly fingerprint: string;

  readonly #pipeline: Pipeline;
  readonly #template: Template;
  readonly #decoder: TokenDecoder;
  readonly #specialIds: ReadonlySet<number>;
  readonly #tokens: readonly string[];

  /** Throws `ComponentFault` when a part of the tokenizer is not supported. */
  constructor(json: TokenizerJson, files: readonly UnknownObject[]) {
    this.json = json;
    this.#pipeline = new Pipeline(json);
    this.#template = templateOf(json.post_processor);
    this.#decoder = tokenDecoderOf(json);
    const { model, added } = this.#pipeline;
    const tokens: string[] = [];
    for (const [token, id] of [...model.vocabulary, ...added.ids]) tokens[id] = token;
    this.#tokens = tokens;
    this.vocabSize = tokens.length;
    checkTemplate(this.#template, this.vocabSize);
    const special = json.added_tokens.filter((token) => token.special);
    this.specials = new Map(special.map(({ content, id }) => [content, added.ids.get(content) ?? id]));
    this.#specialIds = new Set(this.specials.values());
    this.roles = rolesOf(json, this.#template, files, (token) => this.idOf(token));
    this.fingerprint = tokenizerFingerprint(json);
  }

  /**
   * The ids of a text, shape `[tokens]`, without the special tokens of the template.
   *
   * @throws RefractError `CHECKPOINT_FORMAT` when it has a character that is unknown, and the vocabulary no token for that
   * @example tokenizer.encode('Habari ya asubuhi') // Int32Array [ 812, 301, 4410 ]
   */
  encode(text: string): Int32Array {
    return new Int32Array(readable(text, () => this.#pipeline.ids(text)));
  }

  /**
   * The ids of a text, as `encode` gives them, with the place of each in the text. A token that is a part of a
   * character has the place of the character; one for a word may have the place of the space before it too.
   *
   * @throws RefractError as `encode`
   * @example tokenizer.encodeWithOffsets('Habari') // { ids: [812, 301], starts: [0, 4], ends: [4, 6] }
   */
  encodeWithOffsets(text: string): TokenOffsets {
    const { ids, starts, ends } = this.#trimmed(text, this.#placed(text));
    return { ids: Int32Array.from(ids), starts: Int32Array.from(starts), ends: Int32Array.from(ends) };
  }

  /**
   * A text, or two, with the special tokens that the tokenizer's template puts around them, cut to a length.
   *
   * @throws RefractError `SETTING_INVALID` when it cannot be cut so short; as `encode`
   * @example tokenizer.encodeFramed('Wapi?', { pair: 'Mwanza.', maxTokens: 128 }).ids // <s> … </s> </s> … </s>
   */
  encodeFramed(text: string, options: FrameOptions & { readonly pair?: string } = {}): FramedTokens {
    const texts = options.pair === undefined ? [text] : [text, options.pair];
    const placed = texts.map((each) => this.#placed(each));
    return frame(
      this.#template,
      placed,
      (tokens, sequence) => this.#trimmed(texts[sequence], tokens),
      options,
    );
  }

  /**
   * What stands before, between and after two texts that are read together: as the template has it; where it has no
   * special tokens, as BERT has it, by the roles `cls` and `sep`.
   *
   * @throws RefractError `CHECKPOINT_INCOMPLETE` when it needs a role that no token plays
   */
  pairFrame(): PairFrame {
    return pairFrame(this.#template, (role) => this.roleId(role));
  }

  #placed(text: string): PlacedTokens {
    return readable(text, () => this.#pipeline.placed(text));
  }

  #trimmed(text: string, tokens: PlacedTokens): PlacedTokens {
    return trimPlaces(text, tokens, this.#template.trims, (id) => this.#tokens[id] ?? '');
  }

  /**
   * The text as the normalizer leaves it, before it is cut into tokens.
   *
   * @example tokenizer.normalise('Ọjọ́') // 'ojo', where it lower-cases and strips accents
   */
  normalise(text: string): string {
    return this.#pipeline.normalised(text);
  }

  /** The id of a token as it stands in the vocabulary, special or not; undefined when there is none. */
  idOf(token: string): number | undefined {
    const { added, model } = this.#pipeline;
    return added.ids.get(token) ?? model.vocabulary.get(token);
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

  /**
   * The id of the special token that plays a role, however it is spelt.
   *
   * @throws RefractError `CHECKPOINT_INCOMPLETE` when none plays it
   * @example tokenizer.roleId('mask') // 4 for [MASK], or for <mask>
   */
  roleId(role: TokenRole): number {
    const id = this.roles.get(role);
    if (id !== undefined) return id;
    throw new RefractError(
      'CHECKPOINT_INCOMPLETE',
      `the tokenizer has no token that ${ROLE_NAMES[role]} (${role}_token)`,
      {
        at: 'tokenizer.json',
        hint:
          `Name one of its special tokens as ${role}_token in tokenizer_config.json, or use a tokenizer that has ` +
          `${USUAL_TOKENS[role].join(' or ')}; its special tokens are ${[...this.specials.keys()].join(' ') || 'none'}.`,
      },
    );
  }

  /** The tokens of ids as they stand in the vocabulary; that for unknown characters, or `[UNK]`, for ids beyond it. */
  tokens(ids: Iterable<number>): string[] {
    const unknown = this.#tokens[this.roles.get('unk') ?? -1] ?? USUAL_TOKENS.unk[0];
    return Array.from(ids, (id) => this.#tokens[id] ?? unknown);
  }

  /** Text from ids, special tokens left out, as the tokenizer's decoder puts it together; added tokens normalised. */
  decode(ids: Iterable<number>): string {
    const kept = Array.from(ids).filter((id) => !this.#specialIds.has(id));
    if (kept.length === 0) return '';
    const { normalised } = this.#pipeline.added;
    return this.#decoder(this.tokens(kept).map((token, i) => normalised.get(kept[i]) ?? token));
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

/** Text that a message quotes, in UTF-16 code units. */
const QUOTED = 60;

/** What `read` makes of a text; a part of the tokenizer that fails at it is an error about `tokenizer.json`. */
function readable<T>(text: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof ComponentFault)) throw cause;
    const quoted = JSON.stringify(text.length > QUOTED ? `${text.slice(0, QUOTED)}…` : text);
    throw new RefractError('CHECKPOINT_FORMAT', `${cause.message}: ${quoted} cannot be read`, {
      at: 'tokenizer.json',
      hint: 'Name a token of the vocabulary for what is unknown in its model (unk_token, of Unigram unk_id), or use another tokenizer.',
      cause,
    });
  }
}

/**
 * Loads a tokenizer from a checkpoint folder, from the path of a `tokenizer.json`, or from its parsed
 * object.
 *
 * @param files - the parsed `tokenizer_config.json` and `special_tokens_map.json`, one or a list, which name the tokens
 *   that play roles; by default those beside the file, where they are
 * @throws RefractError `CHECKPOINT_INCOMPLETE` when the folder has no `tokenizer.json`;
 *   `CHECKPOINT_FORMAT` when it is not JSON, not a tokenizer, or has a part that is not supported
 * @example const tokenizer = loadTokenizer('models/teacher')
 */
export function loadTokenizer(
  source: string | UnknownObject,
  files?: UnknownObject | readonly (UnknownObject | undefined)[],
): TextTokenizer {
  const given = files === undefined ? undefined : [files].flat().filter((file) => file !== undefined);
  if (typeof source !== 'string') return build(source, given ?? [], 'tokenizer.json');
  const isDirectory = existsSync(source) && statSync(source).isDirectory();
  const path = isDirectory ? join(source, 'tokenizer.json') : source;
  if (!existsSync(path)) {
    throw new RefractError('CHECKPOINT_INCOMPLETE', 'there is no tokenizer.json', {
      at: source,
      hint: 'Name a folder that holds one; a vocab.txt or sentencepiece model alone must be converted first.',
    });
  }
  return build(readJson(path), given ?? filesBeside(path), path);
}

function filesBeside(path: string): UnknownObject[] {
  return ['tokenizer_config.json', 'special_tokens_map.json'].flatMap((name) => {
    const beside = join(dirname(path), name);
    const content = existsSync(beside) ? readJson(beside) : undefined;
    return typeof content === 'object' && content !== null ? [content as UnknownObject] : [];
  });
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

function build(json: unknown, files: readonly UnknownObject[], path: string): TextTokenizer {
  if (!isTokenizerJson(json)) {
    throw damaged(
      path,
      'not a tokenizer.json: it lacks a model with a vocabulary, or added tokens, of tokens and ids',
    );
  }
  try {
    return new TextTokenizer(json, files);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const what = `this tokenizer cannot be used: ${reason}`;
    if (!(cause instanceof ComponentFault) || cause.known.length === 0) throw damaged(path, what, cause);
    throw new RefractError('CHECKPOINT_FORMAT', what, {
      at: path,
      hint: `Supported are ${cause.known.join(', ')}.`,
      cause,
    });
  }
}

function isTokenizerJson(json: unknown): json is TokenizerJson {
  if (json === null || typeof json !== 'object') return false;
  const { model, added_tokens: added } = json as Partial<TokenizerJson>;
  const vocabulary: unknown = model?.vocab;
  if (!Array.isArray(added) || !added.every((token) => isId(token?.id) && typeof token.content === 'string'))
    return false;
  if (Array.isArray(vocabulary)) return vocabulary.every((entry) => Array.isArray(entry));
  return vocabulary !== null && typeof vocabulary === 'object' && Object.values(vocabulary).every(isId);
}

function isId(value: unknown): boolean {
  return Number.isInteger(value) && Number(value) >= 0;
}
