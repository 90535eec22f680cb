/** How a tokenizer cuts a normalised text into pieces: the kinds of `pre_tokenizer` in a `tokenizer.json`. */
import type { Json, JsonObject } from '../tokenizer-json.ts';
import { type AlignedText, matchesOf, type Range, sizeAt } from './aligned-text.ts';
import { ComponentFault, type Makers, make, membersOf, textOf, wordOf } from './component.ts';
import { toBytes } from './normalizers.ts';
import { BEHAVIOURS, type Finder, finderOf, splitAt, translate } from './pattern.ts';
import { scriptRanges } from './script-runs.ts';
import { PUNCTUATION_MARK } from './unicode-sets.ts';

/** Cuts a piece; empty pieces are left out. */
export type PreTokenizer = (piece: AlignedText) => AlignedText[];

/** The expression of GPT-2. */
const BYTE_LEVEL_WORDS = `'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+`;

const WORD = '[\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\p{Join_Control}]';
const NOT_WORD = '[^\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\p{Join_Control}\\p{White_Space}]';

/** The pre-tokenizer of a file; null cuts nothing. Throws `ComponentFault`. */
export function preTokenizerOf(part: Json | undefined): PreTokenizer {
  if (part === null || part === undefined) return (piece) => [piece];
  return make('pre_tokenizer', part, MAKERS);
}

const matches =
  (expression: RegExp): Finder =>
  (text) =>
    matchesOf(expression, text);

const whiteSpace = matches(/\p{White_Space}/gu);
const punctuation = matches(PUNCTUATION_MARK);
const words = matches(new RegExp(`${WORD}+|${NOT_WORD}+`, 'gu'));

const MAKERS: Makers<PreTokenizer> = {
  BertPreTokenizer: () => (piece) =>
    splitAt(piece, whiteSpace, 'Removed').flatMap((word) => splitAt(word, punctuation, 'Isolated')),
  Whitespace: () => (piece) => splitAt(piece, words, 'Removed', true),
  WhitespaceSplit: () => (piece) => splitAt(piece, whiteSpace, 'Removed'),
  Punctuation: (part) => {
    const behaviour = wordOf(part, 'behavior', BEHAVIOURS, 'Isolated');
    return (piece) => splitAt(piece, punctuation, behaviour);
  },
  Digits: ({ individual_digits: individual }) => {
    const digits = matches(/\p{N}/gu);
    return (piece) => splitAt(piece, digits, individual === true ? 'Isolated' : 'Contiguous');
  },
  Split: (part) => {
    const behaviour = wordOf(part, 'behavior', BEHAVIOURS);
    const find = finderOf(part.pattern);
    return (piece) => splitAt(piece, find, behaviour, part.invert === true);
  },
  CharDelimiterSplit: (part) => {
    const find = finderOf({ String: textOf(part, 'delimiter') });
    return (piece) => splitAt(piece, find, 'Removed');
  },
  FixedLength: ({ length = 5 }) => {
    if (!Number.isInteger(length) || Number(length) < 1)
      throw new ComponentFault('FixedLength needs length, a whole number from 1');
    return (piece) =>
      rangesOfLength(piece.text, Number(length)).map(([start, end]) => piece.slice(start, end));
  },
  UnicodeScripts: () => (piece) => scriptRanges(piece.text).map(([start, end]) => piece.slice(start, end)),
  ByteLevel: byteLevel,
  Metaspace: metaspace,
  Sequence: (part) => {
    const members = membersOf(part, 'pretokenizers').map(preTokenizerOf);
    return (piece) => members.reduce((pieces, cut) => pieces.flatMap(cut), [piece]);
  },
};

function byteLevel({ add_prefix_space: prefix, use_regex: useRegex = true }: JsonObject): PreTokenizer {
  const find = matches(translate(BYTE_LEVEL_WORDS));
  return (piece) => {
    if (prefix === true && !piece.text.startsWith(' ')) piece.prepend(' ');
    const pieces = useRegex === true ? splitAt(piece, find, 'Isolated') : [piece];
    for (const each of pieces) toBytes(each);
    return pieces;
  };
}

/** Spaces become a mark, and one is put before; then the text is cut before every mark. */
function metaspace(part: JsonObject): PreTokenizer {
  const mark = textOf(part, 'replacement');
  if ([...mark].length !== 1) throw new ComponentFault('Metaspace needs replacement, one character');
  const scheme = wordOf(
    part,
    'prepend_scheme',
    ['always', 'first', 'never'],
    part.add_prefix_space === false ? 'never' : 'always',
  );
  if (part.add_prefix_space === false && scheme !== 'never')
    throw new ComponentFault('add_prefix_space of Metaspace is false, but its prepend_scheme is not never');
  const spaces = finderOf({ String: ' ' });
  const marks = finderOf({ String: mark });
  return (piece) => {
    piece.replaceRanges(spaces(piece.text), mark);
    const wanted = scheme === 'always' || (scheme === 'first' && piece.origin[0] === 0);
    if (wanted && !piece.text.startsWith(mark)) piece.prepend(mark);
    return part.split === false ? [piece] : splitAt(piece, marks, 'MergedWithNext');
  };
}

/** Stretches of `length` characters. */
function rangesOfLength(text: string, length: number): Range[] {
  const ranges: Range[] = [];
  let start = 0;
  let count = 0;
  for (let at = 0; at < text.length; ) {
    at += sizeAt(text, at);
    if (++count < length && at < text.length) continue;
    ranges.push([start, at]);
    start = at;
    count = 0;
  }
  return ranges;
}
