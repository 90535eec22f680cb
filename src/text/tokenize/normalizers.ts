/** What a tokenizer does to a text before it is split: the kinds of `normalizer` in a `tokenizer.json`. */
import type { Json, JsonObject } from '../tokenizer-json.ts';
import type { AlignedText } from './aligned-text.ts';
import { byteLetters, spellBytes } from './byte-letters.ts';
import { CharMap } from './char-map.ts';
import { type Makers, make, membersOf, textOf } from './component.ts';
import { finderOf } from './pattern.ts';
import type { Form } from './unicode-sets.ts';
import { COMBINING_MARK, CONTROL, NONSPACING_MARK } from './unicode-sets.ts';

/** Changes a text in its place. */
export type Normalizer = (text: AlignedText) => void;

const WHITE_SPACE = /\p{White_Space}/gu;

/** CJK characters that BERT sets apart; not all of the script: Japanese and Korean letters are words like others. */
const CHINESE =
  /[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u{20000}-\u{2a6df}\u{2a700}-\u{2b81f}\u{2b920}-\u{2ceaf}\u{2f800}-\u{2fa1f}]/u;

/** Controls that are no white space; of the later ones only two. */
const NMT_REMOVED = /(?![\t\n\f\r\0\x80-\x8e\x90-\x9e])\p{Cc}/gu;
const NMT_SPACES = /[\t\n\f\r\u1680\u200b-\u200f\u2028\u2029\u2581\ufeff\ufffd]/g;

/** The normaliser of a file; null is none. Throws `ComponentFault`. */
export function normalizerOf(part: Json | undefined): Normalizer {
  if (part === null || part === undefined) return () => {};
  return make('normalizer', part, MAKERS);
}

const unicode = (form: Form) => (): Normalizer => (text) => text.normalize(form);

const MAKERS: Makers<Normalizer> = {
  BertNormalizer: bert,
  NFC: unicode('NFC'),
  NFD: unicode('NFD'),
  NFKC: unicode('NFKC'),
  NFKD: unicode('NFKD'),
  Lowercase: () => (text) => text.lowercase(),
  StripAccents: () => (text) => text.remove(COMBINING_MARK),
  Strip: (part) => (text) => text.strip(part.strip_left === true, part.strip_right === true),
  Nmt: () => (text) => {
    text.remove(NMT_REMOVED);
    text.exchange(NMT_SPACES, ' ');
  },
  Prepend: (part) => {
    const prefix = textOf(part, 'prepend');
    return (text) => text.prepend(prefix);
  },
  Replace: (part) => {
    const content = textOf(part, 'content');
    const find = finderOf(part.pattern);
    return (text) => text.replaceRanges(find(text.text), content);
  },
  ByteLevel: () => toBytes,
  Precompiled: (part) => {
    const map = new CharMap(textOf(part, 'precompiled_charsmap'));
    return (text) => map.apply(text);
  },
  Sequence: (part) => {
    const members = membersOf(part, 'normalizers').map(normalizerOf);
    return (text) => {
      for (const normalise of members) normalise(text);
    };
  },
};

/** BERT's cleaning. `strip_accents` follows `lowercase` where the file does not say. */
function bert(part: JsonObject): Normalizer {
  const { clean_text: clean, handle_chinese_chars: chinese, lowercase } = part;
  const strip = part.strip_accents ?? lowercase;
  return (text) => {
    if (clean === true) {
      text.remove(CONTROL);
      text.exchange(WHITE_SPACE, ' ');
    }
    if (chinese === true && CHINESE.test(text.text)) setApart(text);
    if (strip === true) {
      text.normalize('NFD');
      text.remove(NONSPACING_MARK);
    }
    if (lowercase === true) text.lowercase();
  };
}

/** Spaces around every Chinese character. */
function setApart(text: AlignedText): void {
  const characters: string[] = [];
  const changes: number[] = [];
  for (const character of text.text) {
    const apart = CHINESE.test(character);
    characters.push(...(apart ? [' ', character, ' '] : [character]));
    changes.push(...(apart ? [0, 1, 1] : [0]));
  }
  text.transform(characters, changes);
}

/** The letters of the text's bytes in its place. */
export function toBytes(text: AlignedText): void {
  if (!text.hasPlaces) {
    text.text = spellBytes(text.text);
    return;
  }
  const characters: string[] = [];
  const changes: number[] = [];
  for (const character of text.text)
    byteLetters(character).forEach((letter, i) => {
      characters.push(letter);
      changes.push(i > 0 ? 1 : 0);
    });
  text.transform(characters, changes);
}
