/** What an examination ends in: aspects with a verdict, findings with what to do, and how they are worded. */

/** From good to bad. */
export const VERDICTS = ['ready', 'care', 'unfit'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** The verdicts as people read them. */
export const VERDICT_WORDS: Readonly<Record<Verdict, string>> = {
  ready: 'ready',
  care: 'usable with care',
  unfit: 'will not work',
};

/** What is looked at, in the order of the report. */
export const ASPECTS = [
  'model',
  'word vectors',
  'script',
  'tokens',
  'unknown',
  'normalisation',
  'length',
  'bitext',
  'dictionary',
] as const;
export type AspectName = (typeof ASPECTS)[number];

/** A sentence pair that shows a finding, with the line it stands on. */
export interface PairExample {
  readonly line: number;
  readonly pivot: string;
  readonly target: string;
}

/** Something that a user should know. A `note` does not change the verdict. */
export interface Finding {
  readonly weight: 'note' | 'care' | 'unfit';
  /** What was found, in a sentence. */
  readonly what: string;
  /** What to do about it. */
  readonly remedy?: string;
  /** Words, characters or pairs that show it, as they stand in the text. */
  readonly examples?: readonly (string | PairExample)[];
}

/** Figures by name, as JSON. */
export type Figures = Readonly<Record<string, unknown>>;

/** One aspect, examined. */
export interface Aspect {
  readonly name: AspectName;
  readonly verdict: Verdict;
  /** The aspect in one line. */
  readonly summary: string;
  /** Figures with their labels, for people. */
  readonly facts: readonly (readonly [label: string, value: string])[];
  /** The same figures in full, for programs. */
  readonly figures: Figures;
  readonly findings: readonly Finding[];
}

/**
 * An aspect whose verdict is that of its gravest finding.
 *
 * @example judged({ name: 'tokens', summary: '', facts: [], figures: {}, findings: [] }).verdict // 'ready'
 */
export function judged(aspect: Omit<Aspect, 'verdict'>): Aspect {
  return { ...aspect, verdict: worst(aspect.findings.map(({ weight }) => weight)) };
}

/** The gravest of some verdicts; `ready` when there is none. */
export function worst(weights: Iterable<Verdict | 'note'>): Verdict {
  let gravest = 0;
  for (const weight of weights) if (weight !== 'note') gravest = Math.max(gravest, VERDICTS.indexOf(weight));
  return VERDICTS[gravest];
}

/** Two bounds: what is above `care` wants care, what is above `unfit` will not work. */
export interface Bounds {
  readonly care: number;
  readonly unfit: number;
}

/**
 * The weight of a value under bounds; undefined while it is at or below both.
 *
 * @example weigh(0.03, { care: 0.01, unfit: 0.1 }) // 'care'
 */
export function weigh(value: number, { care, unfit }: Bounds): 'care' | 'unfit' | undefined {
  if (value > unfit) return 'unfit';
  return value > care ? 'care' : undefined;
}

/**
 * A share as a percentage; small ones keep a digit that tells them from nothing.
 *
 * @example percent(0.0004) // '0.04 %'
 */
export function percent(share: number): string {
  const value = 100 * share;
  if (value === 0 || value >= 99.995) return `${value.toFixed(0)} %`;
  if (value < 0.01) return 'below 0.01 %';
  return `${value >= 10 ? value.toFixed(0) : value >= 1 ? value.toFixed(1) : value.toFixed(2)} %`;
}

/** A count with separators of thousands. */
export function count(value: number, noun = ''): string {
  return `${value.toLocaleString('en')}${noun && ` ${noun}`}`;
}

/**
 * A character as it can be seen: marks on a dotted circle, invisible ones by their code.
 *
 * @example visible('\u200b') // 'U+200B'
 */
export function visible(character: string): string {
  if (/^\p{M}/u.test(character)) return `\u25cc${character}`;
  if (!/^[\p{Cf}\p{Cc}\p{Z}\p{Cn}\p{Co}]/u.test(character)) return character;
  return `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`;
}
