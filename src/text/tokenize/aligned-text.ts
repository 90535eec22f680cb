/**
 * A text while it is normalised and split, with the place in the original of each of its characters, by the rules of
 * Hugging Face `tokenizers`: a character that replaces another has its place, one that is put in has the place of the
 * character before it, and the place of a range is from the start of its first to the end of its last. Places are
 * optional, since ids alone do not need them.
 */
import { alignedForm, form } from './unicode-forms.ts';
import type { Form } from './unicode-sets.ts';

/** A part of a text, `[start, end)`, in UTF-16 code units. */
export type Range = readonly [start: number, end: number];

/** Number of code units of the character at `at`. */
export function sizeAt(text: string, at: number): number {
  return (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
}

export class AlignedText {
  /** The text as it reads now; well-formed UTF-16. */
  text: string;
  /** Where in the original this part begins and ends; normalising does not change it. */
  readonly origin: Range;
  /** Place of each code unit of `text`; undefined where places are not asked for. */
  private starts: number[] | undefined;
  private ends: number[] | undefined;

  private constructor(text: string, origin: Range, starts?: number[], ends?: number[]) {
    this.text = text;
    this.origin = origin;
    this.starts = starts;
    this.ends = ends;
  }

  /**
   * The original itself. A surrogate without its other half is read as U+FFFD.
   *
   * @example AlignedText.of('Ọjọ́', true)
   */
  static of(original: string, withPlaces: boolean): AlignedText {
    const text = wellFormed(original);
    if (!withPlaces) return new AlignedText(text, [0, text.length]);
    const starts: number[] = [];
    const ends: number[] = [];
    for (let at = 0; at < text.length; ) {
      const size = sizeAt(text, at);
      for (let unit = 0; unit < size; unit++) {
        starts.push(at);
        ends.push(at + size);
      }
      at += size;
    }
    return new AlignedText(text, [0, text.length], starts, ends);
  }

  get hasPlaces(): boolean {
    return this.starts !== undefined;
  }

  /** Place in the original of a range of `text`. */
  place(start: number, end: number): Range {
    const { starts, ends, origin } = this;
    if (starts === undefined || ends === undefined || start >= end)
      return [origin[0] + start, origin[0] + end];
    return [starts[start], ends[end - 1]];
  }

  /** The part of `text` from `start` to `end`. */
  slice(start: number, end: number): AlignedText {
    if (start === 0 && end === this.text.length) {
      const whole = this.hasPlaces ? this.place(0, end) : this.origin;
      return new AlignedText(this.text, whole, this.starts, this.ends);
    }
    const origin = this.place(start, end);
    const text = this.text.slice(start, end);
    return new AlignedText(text, origin, this.starts?.slice(start, end), this.ends?.slice(start, end));
  }

  /**
   * Puts `characters` in the place of the whole text. `changes` says for each: 0, it replaces the next character of
   * the old text; 1, it is put in; -n, it replaces one, and n more after it are left out.
   */
  transform(characters: readonly string[], changes: readonly number[]): void {
    const { starts, ends, origin, text } = this;
    this.text = characters.join('');
    if (starts === undefined || ends === undefined) return;
    const newStarts: number[] = [];
    const newEnds: number[] = [];
    let at = 0;
    characters.forEach((character, k) => {
      const change = changes[k];
      const from = change > 0 ? at - 1 : Math.min(at, starts.length - 1);
      const start = from < 0 ? origin[0] : starts[from];
      const end = from < 0 ? origin[0] : ends[from];
      for (let unit = 0; unit < character.length; unit++) {
        newStarts.push(start);
        newEnds.push(end);
      }
      for (let passed = change; passed <= 0 && at < text.length; passed++) at += sizeAt(text, at);
    });
    this.starts = newStarts;
    this.ends = newEnds;
  }

  /** Unicode normalisation. */
  normalize(name: Form): void {
    if (!this.hasPlaces) {
      this.text = form(this.text, name);
      return;
    }
    const changed = alignedForm(this.text, name);
    if (changed) this.transform(changed.characters, changed.changes);
  }

  /** Leaves out the characters that `unwanted`, a global expression for single characters, matches. */
  remove(unwanted: RegExp): void {
    this.replaceRanges(matchesOf(unwanted, this.text), '');
  }

  /** Puts `character` (one code unit) in the place of each that `wanted` matches (each one code unit). */
  exchange(wanted: RegExp, character: string): void {
    this.text = this.text.replace(wanted, character);
  }

  /** Lower case of each character by itself: a sigma does not become final. */
  lowercase(): void {
    const lower = this.text.replaceAll('Σ', 'σ').toLowerCase();
    if (lower === this.text) return;
    if (!this.hasPlaces || !/[^\p{ASCII}]/u.test(this.text)) {
      this.text = lower;
      return;
    }
    const characters: string[] = [];
    const changes: number[] = [];
    for (const character of this.text) {
      let change = 0;
      for (const each of character === 'Σ' ? 'σ' : character.toLowerCase()) {
        characters.push(each);
        changes.push(change);
        change = 1;
      }
    }
    this.transform(characters, changes);
  }

  /** Puts `prefix` before the text, with the place of its first character; an empty text stays empty. */
  prepend(prefix: string): void {
    if (this.text === '') return;
    const { starts, ends } = this;
    this.text = prefix + this.text;
    if (starts === undefined || ends === undefined) return;
    this.starts = [...new Array<number>(prefix.length).fill(starts[0]), ...starts];
    this.ends = [...new Array<number>(prefix.length).fill(ends[0]), ...ends];
  }

  /** Puts `content` in the place of ranges of the text, in order and apart; it has the place of what ends there. */
  replaceRanges(ranges: readonly Range[], content: string): void {
    if (ranges.length === 0) return;
    const { text, starts, ends, origin } = this;
    const parts: string[] = [];
    const newStarts: number[] = [];
    const newEnds: number[] = [];
    let done = 0;
    const copy = (until: number) => {
      parts.push(text.slice(done, until));
      if (starts === undefined || ends === undefined) return;
      for (let at = done; at < until; at++) {
        newStarts.push(starts[at]);
        newEnds.push(ends[at]);
      }
    };
    for (const [start, end] of ranges) {
      copy(start);
      parts.push(content);
      for (let unit = 0; unit < content.length; unit++) {
        newStarts.push(end > 0 && starts ? starts[end - 1] : origin[0]);
        newEnds.push(end > 0 && ends ? ends[end - 1] : origin[0]);
      }
      done = end;
    }
    copy(text.length);
    this.text = parts.join('');
    if (starts === undefined) return;
    this.starts = newStarts;
    this.ends = newEnds;
  }

  /** Leaves out white space at the ends. */
  strip(left: boolean, right: boolean): void {
    const start = left ? (/^\p{White_Space}*/u.exec(this.text)?.[0].length ?? 0) : 0;
    let end = this.text.length;
    while (right && end > start && /\p{White_Space}/u.test(this.text[end - 1])) end--;
    this.text = this.text.slice(start, end);
    this.starts = this.starts?.slice(start, end);
    this.ends = this.ends?.slice(start, end);
  }
}

/** The text with U+FFFD for every surrogate that stands alone. */
function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\ufffd');
}

/** Ranges that a global expression matches, empty ones too. */
export function matchesOf(expression: RegExp, text: string): Range[] {
  return Array.from(
    text.matchAll(expression),
    (match): Range => [match.index, match.index + match[0].length],
  );
}
