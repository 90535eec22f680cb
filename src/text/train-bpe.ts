/**
 * Trains a byte-pair-encoding tokenizer with byte fallback and returns it as a Hugging Face
 * `tokenizer.json`. Same texts, weights and settings give the same bytes.
 */
import { Tokenizer as LibraryTokenizer } from '@huggingface/tokenizers';
import { RefractError } from '../errors.ts';
import { Stage, type StageControl } from '../stage.ts';
import { learnMerges, type WordCount } from './learn-merges.ts';
import {
  bertTemplateJson,
  decoderJson,
  normalizerJson,
  preTokenizerJson,
  WORD_MARK,
} from './pretokenization.ts';
import type { AddedTokenJson, TokenizerJson } from './tokenizer-json.ts';

/** BERT's special tokens, and the markers that ColBERT sets before queries and passages. */
export const SPECIAL_TOKENS = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]', '[Q]', '[D]'] as const;

/** The share of the counted characters that the alphabet covers; rarer ones are spelled in bytes. */
const ALPHABET_COVERAGE = 0.9995;

/** Weighted counts are kept as whole multiples of 1 / COUNT_SCALE, so that sums are exact. */
const COUNT_SCALE = 1024;

/** Texts that count `weight` times: a low-resource language may be weighted up so as not to be drowned. */
export interface WeightedTexts {
  readonly texts: Iterable<string>;
  readonly weight: number;
}

/** Settings of `trainTokenizer`. */
export interface TrainTokenizerSettings {
  /** Number of tokens, special and byte tokens included; fewer come out when the texts are too few. */
  readonly vocabSize: number;
  /** Whether case is folded; default true. */
  readonly lowercase?: boolean;
  /** Default `SPECIAL_TOKENS`; `[UNK]`, `[CLS]` and `[SEP]` must be among them. */
  readonly specialTokens?: readonly string[];
  /** The least (weighted) frequency of a pair that is merged; default 2. */
  readonly minFrequency?: number;
  /** Whether characters outside the alphabet become bytes (default) or, if false, `[UNK]`. */
  readonly byteFallback?: boolean;
}

/** The 256 tokens that stand for one byte of UTF-8 each: `<0x00>` to `<0xFF>`. */
export function byteTokens(): string[] {
  return Array.from({ length: 256 }, (_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`);
}

/**
 * Learns a tokenizer from texts, or from groups of texts with weights.
 *
 * @returns the `tokenizer.json` object; ids are special tokens, bytes, alphabet by frequency, merges
 * @throws RefractError `SETTING_INVALID` for a vocabulary too small to hold special and byte tokens,
 *   missing special tokens or a weight that is not positive; `FILE_EMPTY` when there is no text;
 *   `INTERRUPTED` when `control.signal` is aborted
 * @example
 * await trainTokenizer(['the cat sat', 'the dog sat'], { vocabSize: 300 })
 * await trainTokenizer([{ texts: english, weight: 1 }, { texts: somali, weight: 5 }], { vocabSize: 16_000 })
 */
export async function trainTokenizer(
  texts: Iterable<string> | readonly WeightedTexts[],
  settings: TrainTokenizerSettings,
  control: StageControl = {},
): Promise<TokenizerJson> {
  const { lowercase = true, minFrequency = 2, byteFallback = true } = settings;
  const specialTokens = settings.specialTokens ?? SPECIAL_TOKENS;
  const reserved = [...specialTokens, ...(byteFallback ? byteTokens() : [])];
  check(settings.vocabSize, specialTokens, reserved.length);

  const untrained = tokenizerJson(specialTokens, reserved, [], lowercase, byteFallback);
  const words = await countWords(await countRuns(texts, control), untrained, control);
  if (words.length === 0) {
    throw new RefractError('FILE_EMPTY', 'there is no text to learn a tokenizer from', {
      hint: 'Give at least one passage or sentence that is not empty.',
    });
  }
  const room = settings.vocabSize - reserved.length;
  const coverage = byteFallback ? ALPHABET_COVERAGE : 1;
  const alphabet = await chooseAlphabet(words, coverage, Math.ceil(room / 2), control);
  const leastCount = Math.max(1, minFrequency * COUNT_SCALE);
  const { tokens, merges } = await learnMerges(words, alphabet, room, leastCount, control);
  return tokenizerJson(specialTokens, [...reserved, ...tokens], merges, lowercase, byteFallback);
}

function check(vocabSize: number, specialTokens: readonly string[], reserved: number): void {
  const missing = ['[UNK]', '[CLS]', '[SEP]'].filter((token) => !specialTokens.includes(token));
  if (missing.length > 0) {
    throw new RefractError('SETTING_INVALID', `special tokens lack ${missing.join(', ')}`, {
      hint: `Use at least these: ${SPECIAL_TOKENS.join(' ')}.`,
    });
  }
  if (!Number.isInteger(vocabSize) || vocabSize < reserved + 8) {
    throw new RefractError('SETTING_INVALID', `a vocabulary of ${vocabSize} tokens is too small`, {
      hint: `${reserved} tokens are taken by special tokens and bytes; ask for 4000 or more.`,
    });
  }
}

/** Frequencies of runs of non-space characters, before normalisation, in multiples of 1 / COUNT_SCALE. */
async function countRuns(
  texts: Iterable<string> | readonly WeightedTexts[],
  control: StageControl,
): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  const stage = new Stage('counting words', sizeOf(texts), 'texts', control);
  let done = 0;
  const countText = (text: string, scaledWeight: number): void => {
    for (const run of text.split(/\p{White_Space}+/u)) {
      if (run !== '') counts.set(run, (counts.get(run) ?? 0) + scaledWeight);
    }
    done++;
  };
  for (const item of texts) {
    const { texts: group, weight } = typeof item === 'string' ? { texts: [item], weight: 1 } : item;
    if (!(weight > 0) || !Number.isFinite(weight)) {
      throw new RefractError('SETTING_INVALID', `a weight of ${weight} is not a positive number`, {
        hint: 'Leave out a group of texts to give it no weight.',
      });
    }
    const scaledWeight = Math.max(1, Math.round(weight * COUNT_SCALE));
    for (const text of group) {
      countText(text, scaledWeight);
      if (stage.due()) await stage.turn(done);
    }
  }
  stage.end(`${done} texts`);
  return counts;
}

/** Number of texts, or 0 where that is not known before they are read. */
function sizeOf(texts: Iterable<string> | readonly WeightedTexts[]): number {
  if (!Array.isArray(texts)) return 0;
  const sizes = texts.map((item: string | WeightedTexts) => {
    if (typeof item === 'string') return 1;
    return Array.isArray(item.texts) ? item.texts.length : Number.NaN;
  });
  return sizes.reduce((sum, size) => sum + size, 0) || 0;
}

/** Frequencies of the pre-tokenizer's words; each distinct run is normalised and split once. */
async function countWords(
  runs: ReadonlyMap<string, number>,
  json: TokenizerJson,
  control: StageControl,
): Promise<WordCount[]> {
  const { normalizer, pre_tokenizer: preTokenizer } = new LibraryTokenizer(json, {});
  const counts = new Map<string, number>();
  const stage = new Stage('splitting words', runs.size, 'words', control);
  let done = 0;
  for (const [run, count] of runs) {
    const normalized = normalizer === null ? run : normalizer.normalize(run);
    for (const word of preTokenizer?.pre_tokenize(normalized) ?? []) {
      counts.set(word, (counts.get(word) ?? 0) + count);
    }
    done++;
    if (stage.due()) await stage.turn(done);
  }
  stage.end(`${counts.size} distinct`);
  return [...counts];
}

/** The most frequent characters that together make up `coverage` of the text, at most `limit`. */
async function chooseAlphabet(
  words: readonly WordCount[],
  coverage: number,
  limit: number,
  control: StageControl,
): Promise<string[]> {
  const counts = new Map<string, number>();
  let total = 0;
  const stage = new Stage('choosing the alphabet', words.length, 'words', control);
  let done = 0;
  for (const [word, count] of words) {
    if (stage.due()) await stage.turn(done);
    done++;
    for (const character of word) {
      if (character === WORD_MARK) continue;
      counts.set(character, (counts.get(character) ?? 0) + count);
      total += count;
    }
  }
  const ranked = [...counts].sort(([a, countA], [b, countB]) => countB - countA || (a < b ? -1 : 1));
  const alphabet = [WORD_MARK];
  let covered = 0;
  for (const [character, count] of ranked) {
    if (covered >= coverage * total || alphabet.length >= limit) break;
    alphabet.push(character);
    covered += count;
  }
  stage.end(`${alphabet.length} characters`);
  return alphabet;
}

function tokenizerJson(
  specialTokens: readonly string[],
  tokens: readonly string[],
  merges: readonly (readonly [string, string])[],
  lowercase: boolean,
  byteFallback: boolean,
): TokenizerJson {
  const idOf = (token: string): number => specialTokens.indexOf(token);
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: specialTokens.map(specialToken),
    normalizer: normalizerJson(lowercase),
    pre_tokenizer: preTokenizerJson(),
    post_processor: bertTemplateJson('[CLS]', idOf('[CLS]'), '[SEP]', idOf('[SEP]')),
    decoder: decoderJson(),
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: '[UNK]',
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: byteFallback,
      ignore_merges: false,
      vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
      merges,
    },
  };
}

function specialToken(content: string, id: number): AddedTokenJson {
  return { id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };
}
