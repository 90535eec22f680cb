/**
 * The elements of one array of a large JSON document, one after the other, without parsing the whole: SQuAD's
 * files are a single object with all articles below `data`.
 */
import { RefractError } from '../../errors.ts';
import type { JsonLine } from '../json-lines.ts';
import { readLines } from '../lines.ts';

/**
 * Yields the objects of the array that is the value of `key` in the document's outermost object, each with the
 * line it begins on. What stands beside the array is skipped.
 *
 * Errors: those of `readLines`; `FILE_FORMAT` (no such array, or the file is cut off), `LINE_FORMAT` (an element
 * is not a JSON object).
 *
 * @example for await (const { fields } of readJsonArray('dev-v1.1.json', 'data')) console.log(fields.title)
 */
export async function* readJsonArray(path: string, key: string): AsyncGenerator<JsonLine> {
  const scanner = new ArrayScanner(path, key);
  for await (const { line, text } of readLines(path)) yield* scanner.feed(text, line);
  scanner.finish();
}

const QUOTE = 0x22;
const COLON = 0x3a;
const OPENING = new Set([0x7b, 0x5b]);
/** What matters within a string, and outside of strings; the rest is jumped over. */
const IN_STRING = /["\\]/g;
const OUTSIDE = /["{}[\]:]/g;

class ArrayScanner {
  private readonly at: string;
  private readonly key: string;
  private depth = 0;
  private inString = false;
  /** The last string at depth 1, being built or whole, and whether a colon followed it. */
  private name = '';
  private named = false;
  /** Depth of the wanted array's elements, once it has begun; -1 once it has ended. */
  private inside = 0;
  private element: string[] = [];
  private elementLine = 0;

  constructor(at: string, key: string) {
    this.at = at;
    this.key = key;
  }

  *feed(text: string, line: number): Generator<JsonLine> {
    let start = this.element.length > 0 ? 0 : -1;
    let stringStart = 0;
    for (let i = 0; ; i++) {
      i = next(this.inString ? IN_STRING : OUTSIDE, text, i);
      if (i < 0) break;
      const unit = text.charCodeAt(i);
      if (this.inString) {
        if (unit !== QUOTE) {
          i++; // a backslash: what follows belongs to it
          continue;
        }
        this.inString = false;
        if (this.depth === 1) {
          this.name = text.slice(stringStart, i);
          this.named = false;
        }
      } else if (unit === QUOTE) {
        this.inString = true;
        stringStart = i + 1;
      } else if (unit === COLON) {
        if (this.depth === 1) this.named = true;
      } else if (OPENING.has(unit)) {
        this.depth++;
        if (this.inside === 0 && this.depth === 2 && this.named && this.name === this.key) this.inside = 2;
        else if (this.inside > 0 && this.depth === this.inside + 1) {
          start = i;
          this.elementLine = line;
        }
      } else {
        this.depth--;
        if (this.inside > 0 && this.depth === this.inside && start >= 0) {
          this.element.push(text.slice(start, i + 1));
          yield this.parse();
          start = -1;
        } else if (this.inside > 0 && this.depth < this.inside) this.inside = -1;
      }
    }
    if (start >= 0) this.element.push(`${text.slice(start)}\n`);
  }

  /** Refuses a document that ended too early or had no such array. */
  finish(): void {
    if (this.inside === -1 && this.depth === 0) return;
    const cut = this.depth > 0;
    throw new RefractError(
      'FILE_FORMAT',
      cut ? 'the JSON ends too early' : `is no JSON object with an array "${this.key}"`,
      {
        at: this.at,
        hint: cut
          ? 'Copy or download the file again.'
          : `The published file is one object {"${this.key}": [...]}; name that file.`,
      },
    );
  }

  private parse(): JsonLine {
    const text = this.element.join('');
    this.element = [];
    const place = { at: this.at, line: this.elementLine };
    try {
      const fields: unknown = JSON.parse(text);
      if (typeof fields === 'object' && fields !== null && !Array.isArray(fields))
        return { ...place, fields: fields as Record<string, unknown> };
    } catch (error) {
      throw new RefractError('LINE_FORMAT', `is not JSON: ${(error as Error).message}`, {
        ...place,
        hint: 'Download the file again; it was changed or damaged.',
        cause: error,
      });
    }
    throw new RefractError('LINE_FORMAT', `an element of "${this.key}" is not an object`, {
      ...place,
      hint: 'The elements must be JSON objects.',
    });
  }
}

/** Where `pattern` next fits from `from` on, or -1. */
function next(pattern: RegExp, text: string, from: number): number {
  pattern.lastIndex = from;
  return pattern.test(text) ? pattern.lastIndex - 1 : -1;
}
