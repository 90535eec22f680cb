/**
 * Filters as text, for command lines:
 *
 *     year>=2020 and (source=who,bbc or "orílẹ̀-èdè"=Nàìjíríà) and not draft=true
 *
 * Tests are `=`, `!=`, `<`, `<=`, `>`, `>=`; `=` and `!=` take several values with commas between. `not` binds more
 * closely than `and`, `and` more than `or`. Names and values with spaces, one of `,()"=<>!`, or nothing in them stand
 * in double quotes, in which \" is a quote and \\ a backslash; so do fields called and, or, not.
 */
import { RefractError } from '../../errors.ts';
import { type Filter, type FilterValue, RANGE_ENDS } from './filter.ts';

/** A run of characters that need no quotes. */
const BARE = /[^\s,()"=<>!]+/uy;
const SPACE = /\s*/uy;
const OPERATOR = /!=|<=|>=|=|<|>/y;
/** Parentheses and `not` within each other. */
const DEEPEST = 200;
const KEYWORDS = new Set(['and', 'or', 'not']);

/**
 * Reads a filter. All values are text; they take the types of their fields when the filter is used.
 *
 * @throws RefractError `FILTER_SYNTAX`, with a mark under the character where the text goes wrong
 * @example parseFilter('year>=2020 and source=who,bbc')
 *   // { and: [{ field: 'year', from: '2020' }, { field: 'source', in: ['who', 'bbc'] }] }
 */
export function parseFilter(text: string): Filter {
  return new FilterParser(text).whole();
}

class FilterParser {
  private readonly text: string;
  private at = 0;
  private depth = 0;

  constructor(text: string) {
    this.text = text;
  }

  whole(): Filter {
    const filter = this.either();
    if (this.at < this.text.length) {
      const stray = this.text[this.at];
      throw this.fault(
        stray === ')'
          ? 'there is no "(" that this ")" closes'
          : 'expected "and", "or" or the end of the filter',
      );
    }
    return filter;
  }

  private either(): Filter {
    const parts = [this.every()];
    while (this.keyword('or')) parts.push(this.every());
    return parts.length === 1 ? parts[0] : { or: parts };
  }

  private every(): Filter {
    const parts = [this.one()];
    while (this.keyword('and')) parts.push(this.one());
    return parts.length === 1 ? parts[0] : { and: parts };
  }

  private one(): Filter {
    if (++this.depth > DEEPEST) throw this.fault(`more than ${DEEPEST} filters within each other`);
    const filter = this.keyword('not') ? { not: this.one() } : this.symbol('(') ? this.group() : this.test();
    this.depth--;
    return filter;
  }

  /** What follows an open parenthesis. */
  private group(): Filter {
    const open = this.at - 1;
    const filter = this.either();
    if (this.symbol(')')) {
      this.space();
      return filter;
    }
    if (this.at < this.text.length) throw this.fault('expected "and", "or" or ")"');
    throw this.fault('this "(" is not closed', open);
  }

  private test(): Filter {
    const field = this.word('the name of a field');
    const operator = this.match(OPERATOR);
    if (operator === undefined) throw this.fault(`expected one of = != < <= > >= after "${field}"`);
    const values = [this.word('a value')];
    while (this.symbol(',')) {
      if (operator !== '=' && operator !== '!=') throw this.fault(`${operator} takes one value`, this.at - 1);
      values.push(this.word('a value'));
    }
    this.space();
    const end = RANGE_ENDS.find(([, sign]) => sign === operator)?.[0];
    if (end !== undefined) return { field, [end]: values[0] };
    const member: Filter = values.length === 1 ? { field, equals: values[0] } : { field, in: values };
    return operator === '=' ? member : { not: member };
  }

  /** A name or value, quoted or bare. */
  private word(what: string): string {
    this.space();
    if (this.text[this.at] === '"') return this.quoted();
    const bare = this.match(BARE);
    if (bare !== undefined) return bare;
    throw this.fault(`expected ${what}`);
  }

  private quoted(): string {
    const open = this.at++;
    let value = '';
    for (; this.at < this.text.length; this.at++) {
      const character = this.text[this.at];
      if (character === '"') {
        this.at++;
        return value;
      }
      if (character === '\\') {
        const next = this.text[++this.at];
        if (next !== '"' && next !== '\\')
          throw this.fault('only \\" and \\\\ may follow a backslash in quotes');
      }
      value += this.text[this.at];
    }
    throw this.fault('this quote is not closed', open);
  }

  /** Takes a keyword that stands alone as a word. */
  private keyword(word: string): boolean {
    this.space();
    const start = this.at;
    if (this.match(BARE) === word) {
      this.space();
      return true;
    }
    this.at = start;
    return false;
  }

  private symbol(symbol: string): boolean {
    this.space();
    if (this.text[this.at] !== symbol) return false;
    this.at++;
    return true;
  }

  private match(pattern: RegExp): string | undefined {
    if (pattern !== BARE) this.space();
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0];
    this.at += found?.length ?? 0;
    return found;
  }

  private space(): void {
    SPACE.lastIndex = this.at;
    this.at += SPACE.exec(this.text)?.[0].length ?? 0;
  }

  private fault(what: string, at = this.at): RefractError {
    const before = [...this.text.slice(0, at)].length;
    const mark = this.text.slice(0, at).replace(/\p{M}/gu, '').replace(/\S/gu, ' ');
    return new RefractError(
      'FILTER_SYNTAX',
      `${what}, at character ${before + 1}\n    ${this.text}\n    ${mark}^\n `,
      {
        at: '--filter',
        hint: `Write for example 'year>=2020', 'source=who,bbc' or 'not (draft=true or year<1990)'; quote values with spaces.`,
      },
    );
  }
}

/**
 * A filter as text that `parseFilter` reads back to the same filter, with values as text.
 *
 * @example formatFilter({ not: { field: 'source', in: ['who', 'World Bank'] } }) // 'source!=who,"World Bank"'
 */
export function formatFilter(filter: Filter): string {
  return printed(filter, 'or');
}

/** @param within the loosest operator that needs no parentheses here */
function printed(filter: Filter, within: 'or' | 'and' | 'not'): string {
  if ('or' in filter) return joined(filter.or, 'or', within);
  if ('and' in filter) return joined(filter.and, 'and', within);
  if ('not' in filter) {
    const { not } = filter;
    if ('equals' in not) return `${word(not.field)}!=${value(not.equals)}`;
    if ('in' in not && not.in.length > 1) return `${word(not.field)}!=${not.in.map(value).join(',')}`;
    return `not ${printed(not, 'not')}`;
  }
  if ('equals' in filter) return `${word(filter.field)}=${value(filter.equals)}`;
  if ('in' in filter) return `${word(filter.field)}=${filter.in.map(value).join(',')}`;
  const ends = RANGE_ENDS.flatMap(([end, sign]) => {
    const limit = filter[end];
    return limit === undefined ? [] : [`${word(filter.field)}${sign}${value(limit)}`];
  });
  const text = ends.join(' and ');
  return ends.length > 1 && within === 'not' ? `(${text})` : text;
}

function joined(parts: readonly Filter[], operator: 'and' | 'or', within: 'or' | 'and' | 'not'): string {
  if (parts.length === 1) return printed(parts[0], within);
  // An `and` within `or` needs no parentheses; one within `and` keeps them, since it is a filter of its own.
  const text = parts.map((part) => printed(part, operator === 'or' ? 'and' : 'not')).join(` ${operator} `);
  return within === 'or' || (within === 'and' && operator === 'and') ? text : `(${text})`;
}

function value(given: FilterValue): string {
  return quotedIfNeeded(String(given));
}

function word(name: string): string {
  return KEYWORDS.has(name) ? `"${name}"` : quotedIfNeeded(name);
}

function quotedIfNeeded(text: string): string {
  BARE.lastIndex = 0;
  if (BARE.exec(text)?.[0] === text) return text;
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}
