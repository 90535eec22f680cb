/**
 * Where verdicts change. Each bound says where it comes from; docs/commands.md has the same list for readers. Those
 * without a source are this project's judgement, to be replaced by measurements where there are any.
 */
import type { Bounds } from './finding.ts';

/**
 * Tokens of a text over those of its English translation. Petrov et al. (2023): encoders of single characters or bytes
 * need over 4 times as many for some pairs of languages, so that a vocabulary above that helps a language no more than
 * none. Half of that is judgement.
 */
export const PREMIUM: Bounds = { care: 2, unfit: 4 };

/** Tokens of a word, the measure of Rust et al. (2021), where there is no English text to compare with. */
export const FERTILITY: Bounds = { care: 2.5, unfit: 6 };

/** Share of words with a piece that the vocabulary lacks: a word of which nothing is left cannot be searched for. */
export const UNKNOWN_WORDS: Bounds = { care: 0.002, unfit: 0.05 };

/** Share of characters written as bytes or other parts of a character. */
export const SPLIT_CHARACTERS: Bounds = { care: 0.02, unfit: 0.5 };

/** Share of characters that the normaliser drops or turns into another letter. */
export const LOST_CHARACTERS: Bounds = { care: 0.001, unfit: Infinity };

/** Share of words whose spelling falls together with that of another word of the text. */
export const MERGED_WORDS: Bounds = { care: 0.01, unfit: 0.1 };

/** Share of texts that do not come back from their tokens, case and spaces apart. */
export const BROKEN_ROUND_TRIPS: Bounds = { care: 0.02, unfit: 0.5 };

/** Share of letters outside the language's script. */
export const FOREIGN_SCRIPT: Bounds = { care: 0.2, unfit: 0.8 };

/** Share of queries, and of passages, that are cut. A query loses words that were asked for, so it may be cut less often. */
export const CUT_QUERIES: Bounds = { care: 0.01, unfit: 0.5 };
export const CUT_PASSAGES: Bounds = { care: 0.05, unfit: 0.75 };

/** Share of the language's own tokens whose vectors were never trained. */
export const UNTRAINED_TOKENS: Bounds = { care: 0.2, unfit: Infinity };

/** Share of the language's tokens that share their vector with another token: they cannot be told apart. */
export const EQUAL_VECTORS: Bounds = { care: 0.001, unfit: 0.1 };

/** Share of pairs that cleaning leaves out by itself. */
export const LEFT_OUT_PAIRS: Bounds = { care: 0.25, unfit: 0.9 };

/** Share of pairs that are nearly another pair. */
export const NEAR_DUPLICATES: Bounds = { care: 0.2, unfit: Infinity };

/**
 * Share of pairs with a side in another language, or copied. Khayrallah and Koehn (2018) found copies of the source
 * to be the noise that harms translation models most.
 */
export const WRONG_LANGUAGE: Bounds = { care: 0.02, unfit: 0.2 };

/** Share of pairs whose lengths fit badly. */
export const ODD_LENGTHS: Bounds = { care: 0.05, unfit: 0.3 };

/**
 * Correlation of the lengths of both sides below which lines have slipped. In the kit's bitexts every source of 50
 * pairs and more has .85 to .99, but for the Somali TICO-19, which has slipped, with .62. A share of outliers must be
 * there, too: sentences of about one length have a low correlation by themselves.
 */
export const ALIGNED = { care: 0.75, unfit: 0.4, outliers: 0.02 } as const;

/** Share of pairs whose target stands on another line. */
export const SHIFTED_PAIRS: Bounds = { care: 0, unfit: 0.5 };

/** Usable pairs below which little is learnt, as bounds of what is missing: the packs of the kit have 4,670 and more. */
export const FEWEST_PAIRS = { care: 1000, unfit: 100 } as const;

/** Share of words of a text that a dictionary lacks. The kit's know .21 (Somali) to .78 (French) of English content words. */
export const UNKNOWN_TO_DICTIONARY: Bounds = { care: 0.7, unfit: 0.98 };

/** English words of grammar in a text: about half of English, next to none of other languages. */
export const ENGLISH = { least: 0.2, most: 0.3 } as const;
