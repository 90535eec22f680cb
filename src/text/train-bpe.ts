/**
 * Trains a byte-pair-encoding tokenizer with byte fallback and returns it as a Hugging Face
 * `tokenizer.json`. Same texts, weights and settings give the same bytes.
 */
import { Tokenizer as LibraryTokenizer } from '@huggingface/tokenizers';
import { RefractError } from '../errors.ts';
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
 *   missing special tokens or a weight that is not positive; `FILE_EMPTY` when there is no text
 * @example
 * trainTokenizer(['the cat sat', 'the dog sat'], { vocabSize: 300 })
 * trainTokenizer([{ texts: english, weight: 1 }, { texts: somali, weight: 5 }], { vocabSize: 16_000 })
 */
export function trainTokenizer(
  texts: Iterable<string> | readonly WeightedTexts[],
  settings: TrainTokenizerSettings,
): TokenizerJson {
  const { lowercase = true, minFrequency = 2, byteFallback = true } = settings;
  const specialTokens = settings.specialTokens ?? SPECIAL_TOKENS;
  const reserved = [...specialTokens, ...(byteFallback ? byteTokens() : [])];
  check(settings.vocabSize, specialTokens, reserved.length);

  const untrained = tokenizerJson(specialTokens, reserved, [], lowercase, byteFallback);
  const words = countWords(countRuns(texts), untrained);
  if (words.length === 0) {
    throw new RefractError('FILE_EMPTY', 'there is no text to learn a tokenizer from', {
      hint: 'Give at least one passage or sentence that is not empty.',
    });
  }
  const room = settings.vocabSize - reserved.length;
  const alphabet = chooseAlphabet(words, byteFallback ? ALPHABET_COVERAGE : 1, Math.ceil(room / 2));
  const { tokens, merges } = learnMerges(words, alphabet, room, Math.max(1, minFrequency * COUNT_SCALE));
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
function countRuns(texts: Iterable<string> | readonly WeightedTexts[]): Map<string, number> {
  const counts = new Map<string, number>();
  const countText = (text: string, scaledWeight: number): void => {
    for (const run of text.split(/\p{White_Space}+/u)) {
      if (run !== '') counts.set(run, (counts.get(run) ?? 0) + scaledWeight);
    }
  };
  for (const item of texts) {
    if (typeof item === 'string') {
      countText(item, COUNT_SCALE);
      continue;
    }
    if (!(item.weight > 0) || !Number.isFinite(item.weight)) {
      throw new RefractError('SETTING_INVALID', `a weight of ${item.weight} is not a positive number`, {
        hint: 'Leave out a group of texts to give it no weight.',
      });
    }
    const scaledWeight = Math.max(1, Math.round(item.weight * COUNT_SCALE));
    for (const text of item.texts) countText(text, scaledWeight);
  }
  return counts;
}

/** Frequencies of the pre-tokenizer's words; each distinct run is normalised and split once. */
function countWords(runs: ReadonlyMap<string, number>, json: TokenizerJson): WordCount[] {
  const { normalizer, pre_tokenizer: preTokenizer } = new LibraryTokenizer(json, {});
  const counts = new Map<string, number>();
  for (const [run, count] of runs) {
    const normalized = normalizer === null ? run : normalizer.normalize(run);
    for (const word of preTokenizer?.pre_tokenize(normalized) ?? []) {
      counts.set(word, (counts.get(word) ?? 0) + count);
    }
  }
  return [...counts];
}

/** The most frequent characters that together make up `coverage` of the text, at most `limit`. */
function chooseAlphabet(words: readonly WordCount[], coverage: number, limit: number): string[] {
  const counts = new Map<string, number>();
  let total = 0;
  for (const [word, count] of words) {
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
