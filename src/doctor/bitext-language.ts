/**
 * Whether the sides of sentence pairs are in the languages they should be in. Three tests: script; English words of
 * grammar, where the pivot is English; and the frequent words that the corpus itself shows to belong to one side.
 * They find what is grossly wrong. They do not tell Swahili from Kirundi.
 */
import { languageScript } from '../data/language-script.ts';
import { FUNCTION_WORDS } from '../data/switching/function-words.ts';
import { Stage, type StageControl } from '../stage.ts';
import { foldCase } from '../text/normalize.ts';
import { words } from '../text/segment.ts';
import { percent } from './finding.ts';
import { ENGLISH } from './thresholds.ts';

/** A pair with its words in lower case. */
interface PairWords {
  readonly pivot: readonly string[];
  readonly target: readonly string[];
}

/** What may be wrong with one pair. */
export type PairFault = 'copied' | 'target-in-pivot' | 'pivot-in-target' | 'exchanged' | 'script';

/** What was found, by fault, and of the sides as wholes. */
export interface LanguageFigures {
  readonly pairs: number;
  readonly faults: Readonly<Record<PairFault, number>>;
  /** Indices of some pairs of each fault. */
  readonly examples: Readonly<Record<PairFault, readonly number[]>>;
  /** Shares of words that are English words of grammar; undefined where the pivot is not English. */
  readonly english?: { readonly pivot: number; readonly target: number };
  /** Shares of letters-bearing sentences in the script of their language; undefined where that is not known. */
  readonly inScript: { readonly pivot?: number; readonly target?: number };
}

/** Frequent words of a side that are counted. */
const FREQUENT = 150;
/** So many times more frequent on its side than on the other a word must be to belong to it. */
const TELLING = 4;
/** Shorter sentences are not judged: names and numbers look alike everywhere. */
const LEAST_WORDS = 4;
/** Share of a sentence's words that its translation has, too, from which it is a copy with changes. */
const COPIED = 0.8;
const NAMED = 4;

/**
 * Judges pairs one by one and the sides as wholes.
 *
 * @param languages BCP 47 codes of the sides
 * @throws RefractError `INTERRUPTED`
 * @example (await examineLanguages(pairs, { pivot: 'en', target: 'sw' })).english // { pivot: 0.46, target: 0.03 }
 */
export async function examineLanguages(
  pairs: readonly { readonly pivot: string; readonly target: string }[],
  languages: { readonly pivot: string; readonly target: string },
  control: StageControl = {},
): Promise<LanguageFigures> {
  const stage = new Stage('looking at the languages of pairs', pairs.length, 'pairs', control);
  const cut: PairWords[] = [];
  const counts = { pivot: new Map<string, number>(), target: new Map<string, number>() };
  const totals = { pivot: 0, target: 0 };
  const english = { pivot: 0, target: 0 };
  const script = { pivot: new ScriptShare(languages.pivot), target: new ScriptShare(languages.target) };
  for (const [i, pair] of pairs.entries()) {
    const sides = {
      pivot: lowered(pair.pivot, languages.pivot),
      target: lowered(pair.target, languages.target),
    };
    cut.push(sides);
    for (const side of ['pivot', 'target'] as const) {
      for (const word of sides[side]) {
        counts[side].set(word, (counts[side].get(word) ?? 0) + 1);
        if (FUNCTION_WORDS.has(word)) english[side]++;
      }
      totals[side] += sides[side].length;
    }
    if (stage.due()) await stage.turn(i + 1);
  }
  const telling = {
    pivot: tellingWords(counts.pivot, totals.pivot, counts.target, totals.target),
    target: tellingWords(counts.target, totals.target, counts.pivot, totals.pivot),
  };
  const faults = { copied: 0, 'target-in-pivot': 0, 'pivot-in-target': 0, exchanged: 0, script: 0 };
  const examples: Record<PairFault, number[]> = {
    copied: [],
    'target-in-pivot': [],
    'pivot-in-target': [],
    exchanged: [],
    script: [],
  };
  for (const [i, sides] of cut.entries()) {
    const scriptWrong = [script.pivot.add(pairs[i].pivot), script.target.add(pairs[i].target)].includes(
      false,
    );
    const fault = faultOf(sides, telling) ?? (scriptWrong ? 'script' : undefined);
    if (fault === undefined) continue;
    faults[fault]++;
    if (examples[fault].length < NAMED) examples[fault].push(i);
  }
  stage.end();
  return {
    pairs: pairs.length,
    faults,
    examples,
    ...(languages.pivot === 'en' && {
      english: {
        pivot: english.pivot / Math.max(totals.pivot, 1),
        target: english.target / Math.max(totals.target, 1),
      },
    }),
    inScript: { pivot: script.pivot.share, target: script.target.share },
  };
}

/**
 * What is wrong with the sides as wholes, in a sentence; undefined when they look right.
 *
 * @param names of the languages, for people
 */
export function wrongSides(
  { english, inScript }: LanguageFigures,
  names: { readonly pivot: string; readonly target: string },
): { readonly what: string; readonly exchanged: boolean } | undefined {
  const half = (share: number | undefined) => share !== undefined && share < 0.5;
  if (english !== undefined) {
    const [inPivot, inTarget] = [english.pivot, english.target];
    const shares = `${percent(inPivot)} of the words of the ${names.pivot} side are English words of grammar, ${percent(inTarget)} of the ${names.target} side`;
    if (inPivot < ENGLISH.least && inTarget > ENGLISH.most)
      return { what: `The sides look exchanged: ${shares}.`, exchanged: true };
    if (inTarget > ENGLISH.most)
      return { what: `The ${names.target} side looks English: ${shares}.`, exchanged: false };
    if (inPivot < ENGLISH.least)
      return { what: `The ${names.pivot} side does not look English: ${shares}.`, exchanged: false };
  }
  for (const side of ['pivot', 'target'] as const)
    if (half(inScript[side]))
      return {
        what: `Only ${percent(inScript[side]!)} of the sentences of the ${names[side]} side are in its script.`,
        exchanged: half(inScript.pivot) && half(inScript.target),
      };
  return undefined;
}

/** Counts sentences whose letters are mostly in the script of a language. */
class ScriptShare {
  private readonly pattern: RegExp | undefined;
  private judged = 0;
  private own = 0;

  constructor(language: string) {
    const one = languageScript(language);
    this.pattern = one && new RegExp(one.source, 'gu');
  }

  /** Whether a sentence is in the script; undefined when that cannot be told. */
  add(text: string): boolean | undefined {
    if (this.pattern === undefined) return undefined;
    const letters = text.match(/\p{L}/gu)?.length ?? 0;
    if (letters === 0) return undefined;
    const inScript = (text.match(this.pattern)?.length ?? 0) >= letters / 2;
    this.judged++;
    if (inScript) this.own++;
    return inScript;
  }

  get share(): number | undefined {
    return this.judged === 0 ? undefined : this.own / this.judged;
  }
}

function lowered(text: string, language: string): string[] {
  return words(text, language).map(foldCase);
}

/** Frequent words of one side that the other side hardly has. */
function tellingWords(
  own: ReadonlyMap<string, number>,
  ownTotal: number,
  other: ReadonlyMap<string, number>,
  otherTotal: number,
): Set<string> {
  const frequent = [...own]
    .filter(([word, n]) => n > 1 && /\p{L}/u.test(word))
    .sort((a, b) => b[1] - a[1])
    .slice(0, FREQUENT);
  return new Set(
    frequent
      .filter(([word, n]) => n / ownTotal >= (TELLING * (other.get(word) ?? 0)) / Math.max(otherTotal, 1))
      .map(([word]) => word),
  );
}

function faultOf(
  { pivot, target }: PairWords,
  telling: { readonly pivot: ReadonlySet<string>; readonly target: ReadonlySet<string> },
): PairFault | undefined {
  const targetWrong = isIn(target, telling.pivot, telling.target);
  const pivotWrong = isIn(pivot, telling.target, telling.pivot);
  if (targetWrong && pivotWrong) return 'exchanged';
  const shared = new Set(pivot);
  if (
    target.length >= LEAST_WORDS &&
    target.filter((word) => shared.has(word)).length >= COPIED * target.length
  )
    return 'copied';
  if (targetWrong) return 'target-in-pivot';
  return pivotWrong ? 'pivot-in-target' : undefined;
}

/** Whether a sentence has frequent words of `wrong` (two, and a fifth of all) and none of `right`. */
function isIn(sentence: readonly string[], wrong: ReadonlySet<string>, right: ReadonlySet<string>): boolean {
  if (sentence.length < LEAST_WORDS) return false;
  let hits = 0;
  for (const word of sentence) {
    if (right.has(word)) return false;
    if (wrong.has(word)) hits++;
  }
  return hits >= 2 && hits >= sentence.length / 5;
}
