/**
 * Tokens of a word (fertility: Ács 2019, Rust et al. 2021), and tokens of a text over those of its translation
 * (tokenisation premium: Petrov et al. 2023), which needs no notion of a word and so compares languages fairly.
 */
import { Stage, type StageControl } from '../stage.ts';
import type { TextTokenizer } from '../text/tokenizer.ts';
import { type Aspect, count, type Finding, judged, percent, weigh } from './finding.ts';
import { FERTILITY, PREMIUM } from './thresholds.ts';
import type { TokenKinds } from './token-kinds.ts';
import { heaviest, type WordCounts } from './word-counts.ts';

/** Tokens of both sides of some sentence pairs. */
export interface ParallelTokens {
  readonly pairs: number;
  readonly pivot: number;
  readonly target: number;
}

/** What the aspect is told. */
export interface FertilityInput {
  readonly language: string;
  readonly pivotLanguage: string;
  readonly words: WordCounts;
  /** The same of a text in the pivot language. */
  readonly pivotWords?: WordCounts;
  readonly parallel?: ParallelTokens;
}

/** Words that are named as the most expensive. */
const NAMED = 8;
/** Share of words with an unknown piece above which tokens say nothing. */
const MOSTLY_UNKNOWN = 0.2;

/**
 * Tokens of both sides of `pairs`.
 *
 * @throws RefractError `INTERRUPTED`
 */
export async function countParallelTokens(
  pairs: readonly { readonly pivot: string; readonly target: string }[],
  tokenizer: TextTokenizer,
  control: StageControl = {},
): Promise<ParallelTokens> {
  const stage = new Stage('counting tokens of both sides', pairs.length, 'pairs', control);
  let pivot = 0;
  let target = 0;
  for (const [i, pair] of pairs.entries()) {
    pivot += tokenizer.encode(pair.pivot).length;
    target += tokenizer.encode(pair.target).length;
    if (stage.due()) await stage.turn(i + 1);
  }
  stage.end();
  return { pairs: pairs.length, pivot, target };
}

/**
 * Tokens of a word in both languages, words that fall apart, and the premium.
 *
 * @param tokenizer cuts single words, for the words that cost most
 * @example examineFertility({ language: 'Somali', pivotLanguage: 'English', words, parallel }, tokenizer, kinds).verdict // 'ready'
 */
export function examineFertility(input: FertilityInput, tokenizer: TextTokenizer, kinds: TokenKinds): Aspect {
  const { language, pivotLanguage, words, pivotWords, parallel } = input;
  const lengths = new Map<string, number>();
  let split = 0;
  let unknown = 0;
  for (const [word, n] of words.counts) {
    const ids = tokenizer.encode(word);
    lengths.set(word, ids.length);
    if (ids.length > 1) split += n;
    if (ids.some((id) => kinds.of(id) === 'unknown')) unknown += n;
  }
  const fertility = ratio(words.tokens, words.total);
  const pivotFertility = pivotWords && ratio(pivotWords.tokens, pivotWords.total);
  const premium = parallel
    ? ratio(parallel.target, parallel.pivot)
    : pivotFertility && ratio(fertility, pivotFertility);
  const splitShare = ratio(split, words.total);
  const costly = heaviest(words.counts, (word, n) => n * (lengths.get(word)! - 1), NAMED);
  const examples = costly.map((word) => `${word} = ${kinds.shown(tokenizer.encode(word)).join(' ')}`);
  const than =
    parallel === undefined
      ? `as a word of ${pivotLanguage}`
      : `as the same ${count(parallel.pairs)} sentences in ${pivotLanguage}`;
  const findings: Finding[] = [];
  const blind = ratio(unknown, words.total) > MOSTLY_UNKNOWN;
  if (blind)
    findings.push({
      weight: 'note',
      what: 'Words that the vocabulary lacks are one unknown token each, however long: the figures of this aspect mean little.',
    });
  const small = pivotFertility !== undefined && pivotFertility > FERTILITY.care && fertility > FERTILITY.care;
  if (small && !blind)
    findings.push({
      weight: 'care',
      what: `Words of ${pivotLanguage} take ${pivotFertility.toFixed(2)} tokens as well: the vocabulary is too small, or made from other text.`,
      remedy: 'Train the tokenizer with more text and a higher tokenizer.vocabSize, or take another base.',
    });
  const judgedBy = premium === undefined ? weigh(fertility, FERTILITY) : weigh(premium, PREMIUM);
  const weight = blind ? undefined : judgedBy;
  if (weight !== undefined)
    findings.push({
      weight,
      what:
        premium === undefined
          ? `A word of ${language} takes ${fertility.toFixed(2)} tokens: texts become long, and a token says little.`
          : `${language} takes ${premium.toFixed(2)} times as many tokens ${than}: texts become long, and a token says little.`,
      remedy:
        `Train the tokenizer with text of ${language}: refract teach ... --text FILE (or --bitext), with a higher tokenizer.extraWeight or tokenizer.vocabSize; ` +
        `or take a base whose vocabulary has ${language}. Otherwise raise queryMaxTokens and maxTokens by this factor.`,
      examples,
    });
  return judged({
    name: 'tokens',
    summary: `${fertility.toFixed(2)} tokens a word${premium === undefined ? '' : `; ${premium.toFixed(2)} times as many ${than}`}`,
    facts: [
      [
        'tokens a word',
        `${fertility.toFixed(2)}${pivotFertility === undefined ? '' : ` (${pivotLanguage} ${pivotFertility.toFixed(2)})`}`,
      ],
      ...(premium === undefined
        ? []
        : [['premium', `${premium.toFixed(2)} times as many tokens ${than}`] as const]),
      ['words of several tokens', percent(splitShare)],
      ...(weight === undefined && examples.length > 0
        ? [['words that cost most', examples.slice(0, 4).join('   ')] as const]
        : []),
    ],
    figures: {
      fertility,
      pivotFertility,
      premium,
      premiumFrom: parallel ? 'pairs' : premium && 'words',
      splitWords: splitShare,
      words: words.total,
      tokens: words.tokens,
      ...(parallel && { parallel }),
    },
    findings,
  });
}

function ratio(a: number, b: number): number {
  return b === 0 ? 0 : a / b;
}
