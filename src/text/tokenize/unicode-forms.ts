/**
 * The four normalisation forms of Unicode as Hugging Face `tokenizers` applies them: with the Unicode version that it
 * knows, and with a note for each character on what it replaces, by which its place in the original is known.
 */
import { type Form, NOT_DECOMPOSED } from './unicode-sets.ts';

/** Characters of a normalised text, each with its change, as `AlignedText.transform` takes them. */
export interface Changed {
  readonly characters: string[];
  readonly changes: number[];
}

/** The form of a text. Characters whose decomposition is younger than the version known stay as they are. */
export function form(text: string, name: Form): string {
  const kept = NOT_DECOMPOSED[name];
  if (kept === undefined || !kept.test(text)) return text.normalize(name);
  return Array.from(text.split(kept), (part) => (kept.test(part) ? part : part.normalize(name))).join('');
}

/** The form with changes; undefined where nothing changes. */
export function alignedForm(text: string, name: Form): Changed | undefined {
  if (form(text, name) === text) return undefined;
  const decomposed = reordered(decompose(text, name === 'NFC' || name === 'NFD' ? 'NFD' : 'NFKD'));
  return name === 'NFD' || name === 'NFKD' ? decomposed : recomposed(decomposed);
}

/** Every character by itself: its first part replaces it, the others are put in. */
function decompose(text: string, name: 'NFD' | 'NFKD'): Changed {
  const characters: string[] = [];
  const changes: number[] = [];
  for (const character of text) {
    let change = 0;
    for (const part of form(character, name)) {
      characters.push(part);
      changes.push(change);
      change = 1;
    }
  }
  return { characters, changes };
}

/** Marks after one letter in the order of their combining classes; each keeps its change. */
function reordered({ characters, changes }: Changed): Changed {
  let order: number[] | undefined;
  for (let k = 1; k < characters.length; k++) {
    for (let at = k; at > 0; at--) {
      const [before, mark] = order
        ? [characters[order[at - 1]], characters[order[at]]]
        : [characters[at - 1], characters[at]];
      if (!isLater(before, mark)) break;
      order ??= characters.map((_, index) => index);
      [order[at - 1], order[at]] = [order[at], order[at - 1]];
    }
  }
  if (order === undefined) return { characters, changes };
  return { characters: order.map((k) => characters[k]), changes: order.map((k) => changes[k]) };
}

/** Letters composed with the marks after them, by the rules of Unicode (UAX 15). */
function recomposed({ characters, changes }: Changed): Changed {
  const made: Changed = { characters: [], changes: [] };
  /** Place among `made` of the letter that marks may join; the mark last kept after it. */
  let letter = -1;
  let last: string | undefined;
  characters.forEach((character, k) => {
    const marks = isMark(character);
    const blocked = last !== undefined && !(marks && isLater(character, last));
    const whole = letter >= 0 && !blocked ? composed(made.characters[letter], character) : undefined;
    if (whole !== undefined) {
      made.characters[letter] = whole;
      made.changes[letter] += changes[k] - 1;
      return;
    }
    if (!marks) letter = made.characters.length;
    last = marks ? character : undefined;
    made.characters.push(character);
    made.changes.push(changes[k]);
  });
  return made;
}

const COMPOSED = new Map<string, string | undefined>();
const LATER = new Map<string, boolean>();

/** The one character that stands for both; undefined where there is none. */
function composed(letter: string, mark: string): string | undefined {
  const pair = letter + mark;
  if (COMPOSED.has(pair)) return COMPOSED.get(pair);
  const whole = form(pair, 'NFC');
  const one = whole.length < pair.length && [...whole].length === 1 ? whole : undefined;
  COMPOSED.set(pair, one);
  return one;
}

/** Whether the combining class of `a` is higher than that of `b`, and both are marks: then their order is exchanged. */
function isLater(a: string, b: string): boolean {
  if (a < '\u0300' || b < '\u0300') return false;
  const pair = a + b;
  const known = LATER.get(pair);
  if (known !== undefined) return known;
  const later = decomposedPair(pair) !== pair && decomposedPair(pair) === b + a;
  LATER.set(pair, later);
  return later;
}

function decomposedPair(pair: string): string {
  return `x${pair}`.normalize('NFD').slice(1);
}

/** Marks of the lowest and of the highest combining class. */
const LOWEST = '\u0334';
const HIGHEST = '\u0345';

/** Whether the character has a combining class: it is a mark that moves with its letter. */
function isMark(character: string): boolean {
  return (
    character === LOWEST || character === HIGHEST || isLater(character, LOWEST) || isLater(HIGHEST, character)
  );
}
