/**
 * What a text is split or changed at: an expression, a text taken literally, or single characters. Expressions of
 * `tokenizer.json` are Oniguruma's; `@huggingface/tokenizers` translates them.
 */
import { Tokenizer as LibraryTokenizer } from '@huggingface/tokenizers';
import type { Json } from '../tokenizer-json.ts';
import { type AlignedText, matchesOf, type Range } from './aligned-text.ts';
import { ComponentFault, objectOf } from './component.ts';

/** Finds what matches in a text, in order and apart. */
export type Finder = (text: string) => Range[];

/** What becomes of what matches when a text is split there. */
export const BEHAVIOURS = [
  'Removed',
  'Isolated',
  'MergedWithPrevious',
  'MergedWithNext',
  'Contiguous',
] as const;
export type Behaviour = (typeof BEHAVIOURS)[number];

/** The finder for a `pattern` of the file, `{ "String": … }` or `{ "Regex": … }`. */
export function finderOf(pattern: Json | undefined): Finder {
  const { String: literal, Regex: expression } = objectOf('pattern', pattern);
  if (typeof literal === 'string') return literal === '' ? () => [] : (text) => literalRanges(text, literal);
  if (typeof expression !== 'string') throw new ComponentFault('a pattern has neither String nor Regex');
  const translated = translate(expression);
  return (text) => matchesOf(translated, text);
}

function literalRanges(text: string, literal: string): Range[] {
  const ranges: Range[] = [];
  for (let at = text.indexOf(literal); at >= 0; at = text.indexOf(literal, at + literal.length))
    ranges.push([at, at + literal.length]);
  return ranges;
}

/** An expression of Oniguruma in JavaScript, global and with Unicode. */
export function translate(expression: string): RegExp {
  const split = { type: 'Split', pattern: { Regex: expression }, behavior: 'Isolated', invert: false };
  const model = { type: 'WordPiece', vocab: {}, unk_token: '', continuing_subword_prefix: '' };
  const parts = { normalizer: null, post_processor: null, decoder: null, added_tokens: [] };
  let reason = '';
  try {
    // The library's own pre-tokenizer holds the translated expression.
    const { pre_tokenizer: made } = new LibraryTokenizer({ ...parts, model, pre_tokenizer: split }, {});
    const pattern: unknown = made?.pattern;
    if (pattern instanceof RegExp) return pattern;
  } catch (cause) {
    reason = `: ${cause instanceof Error ? cause.message : String(cause)}`;
  }
  throw new ComponentFault(`the expression ${expression} cannot be translated${reason}`);
}

/** A stretch of text, and whether it is what was looked for. */
type Stretch = [start: number, end: number, matched: boolean];

/**
 * Splits a text at what `find` finds; with `invert`, at what lies between.
 *
 * @example splitAt(AlignedText.of('the-final--countdown', false), find, 'MergedWithNext') // the, -final, -, -countdown
 */
export function splitAt(
  text: AlignedText,
  find: Finder,
  behaviour: Behaviour,
  invert = false,
): AlignedText[] {
  const found = find(text.text);
  const length = text.text.length;
  if (found.length === 0 && !(invert && behaviour === 'Removed')) return [text];
  const stretches: Stretch[] = [];
  let done = 0;
  for (const [start, end] of found) {
    if (done !== start) stretches.push([done, start, invert]);
    stretches.push([start, end, !invert]);
    done = end;
  }
  if (done !== length) stretches.push([done, length, invert]);
  const pieces: AlignedText[] = [];
  for (const [start, end] of merged(stretches, behaviour))
    if (end > start) pieces.push(text.slice(start, end));
  return pieces;
}

function merged(stretches: Stretch[], behaviour: Behaviour): Stretch[] {
  switch (behaviour) {
    case 'Isolated':
      return stretches;
    case 'Removed':
      return stretches.filter(([, , matched]) => !matched);
    case 'Contiguous':
      return joined(stretches, (matched, before) => matched === before);
    case 'MergedWithPrevious':
      return joined(stretches, (matched, before) => matched && !before);
    case 'MergedWithNext': {
      const mirrored = stretches.map(([start, end, matched]): Stretch => [-end, -start, matched]).reverse();
      const backwards = joined(mirrored, (matched, before) => matched && !before);
      return backwards.map(([start, end, matched]): Stretch => [-end, -start, matched]).reverse();
    }
  }
}

/** Stretches, each joined to the one before where `joins` says so; before the first there is one that did not match. */
function joined(stretches: Stretch[], joins: (matched: boolean, before: boolean) => boolean): Stretch[] {
  const out: Stretch[] = [];
  let before = false;
  for (const [start, end, matched] of stretches) {
    const last = out.at(-1);
    if (last && joins(matched, before)) last[1] = end;
    else out.push([start, end, matched]);
    before = matched;
  }
  return out;
}
