/** What of a text the vocabulary does not have: unknown tokens, and characters that are written as bytes. */
import type { TextTokenizer } from '../text/tokenizer.ts';
import { type Aspect, type Finding, judged, percent, visible, weigh } from './finding.ts';
import type { TextSurvey } from './text-survey.ts';
import { SPLIT_CHARACTERS, UNKNOWN_WORDS } from './thresholds.ts';
import type { CharacterKind, TokenKinds } from './token-kinds.ts';
import { heaviest, type WordCounts } from './word-counts.ts';

/** Words and characters that are named. */
const NAMED = 10;

/**
 * Unknown words, characters that are unknown or split into bytes, and what share of all characters the vocabulary has
 * whole. Characters are counted over the whole text, words over its sample.
 *
 * @example examineUnknown('Thai', survey, words, tokenizer, kinds).figures.wholeCharacters // 0.02
 */
export function examineUnknown(
  language: string,
  survey: TextSurvey,
  words: WordCounts,
  tokenizer: TextTokenizer,
  kinds: TokenKinds,
): Aspect {
  const characters: Record<CharacterKind, number> = { whole: 0, split: 0, unknown: 0, dropped: 0 };
  for (const [character, count] of survey.counts) characters[kinds.ofCharacter(character)] += count;
  const ofAll = (kind: CharacterKind) => characters[kind] / Math.max(survey.characters, 1);
  const unknownOf = new Map<string, boolean>();
  let unknown = 0;
  let bytes = 0;
  let tokens = 0;
  for (const [word, count] of words.counts) {
    const ids = tokenizer.encode(word);
    let hasUnknown = false;
    for (const id of ids) {
      const kind = kinds.of(id);
      if (kind === 'unknown') hasUnknown = true;
      if (kind === 'byte') bytes += count;
    }
    tokens += ids.length * count;
    unknownOf.set(word, hasUnknown);
    if (hasUnknown) unknown += count;
  }
  const unknownWords = unknown / Math.max(words.total, 1);
  const byteTokens = bytes / Math.max(tokens, 1);
  const charactersOf = (kind: CharacterKind) =>
    heaviest(survey.counts, (name, n) => (kinds.ofCharacter(name) === kind ? n : 0), NAMED).map(visible);
  const findings: Finding[] = [];
  const weight = weigh(unknownWords, UNKNOWN_WORDS);
  if (weight !== undefined)
    findings.push({
      weight,
      what: `${percent(unknownWords)} of the words hold a piece that the vocabulary lacks: of these the model sees only that something unknown is there.`,
      remedy: `Train a tokenizer with byte fallback and text of ${language}: refract teach (without --base) ... --text FILE. Or take a base whose vocabulary has these characters: ${charactersOf('unknown').join(' ')}`,
      examples: heaviest(words.counts, (word, n) => (unknownOf.get(word) ? n : 0), NAMED),
    });
  const splitWeight = weigh(ofAll('split'), SPLIT_CHARACTERS);
  if (splitWeight !== undefined)
    findings.push({
      weight: splitWeight,
      what: `${percent(ofAll('split'))} of the characters are written as bytes: the vocabulary does not have them, and a single one takes several tokens that mean nothing by themselves.`,
      remedy: `Train the tokenizer with text of ${language}: refract teach ... --text FILE or --bitext; characters that make up .05 % of the text then become tokens.`,
      examples: charactersOf('split'),
    });
  const digits = heaviest(survey.counts, (name, n) => (isBrokenDigit(name, kinds) ? n : 0), NAMED);
  if (digits.length > 0)
    findings.push({
      weight: 'note',
      what: 'The vocabulary lacks digits of the script: years and amounts become long runs of bytes, or unknown.',
      remedy:
        'Write them as ASCII digits in bitext and queries alike, or give the tokenizer more text with them.',
      examples: digits,
    });
  return judged({
    name: 'unknown',
    summary: `${percent(ofAll('whole'))} of the characters are in the vocabulary; unknown words ${percent(unknownWords)}`,
    facts: [
      ['unknown words', percent(unknownWords)],
      ['tokens that are bytes', percent(byteTokens)],
      ['characters whole', percent(ofAll('whole'))],
      ...(['split', 'unknown', 'dropped'] as const)
        .filter((kind) => characters[kind] > 0)
        .map((kind) => [LABELS[kind], `${percent(ofAll(kind))}: ${charactersOf(kind).join(' ')}`] as const),
    ],
    figures: {
      unknownWords,
      byteTokens,
      wholeCharacters: ofAll('whole'),
      splitCharacters: ofAll('split'),
      unknownCharacters: ofAll('unknown'),
      droppedCharacters: ofAll('dropped'),
    },
    findings,
  });
}

function isBrokenDigit(character: string, kinds: TokenKinds): boolean {
  return /^(?![0-9])\p{Nd}$/u.test(character) && ['split', 'unknown'].includes(kinds.ofCharacter(character));
}

const LABELS: Readonly<Record<Exclude<CharacterKind, 'whole'>, string>> = {
  split: 'characters as bytes',
  unknown: 'characters unknown',
  dropped: 'characters dropped',
};
