/**
 * Added tokens, found in a text before anything else: those that are not normalised in the raw text, then the others
 * in what is normalised between. Of tokens that begin at one place the longest is taken.
 */
import type { AddedTokenJson } from '../tokenizer-json.ts';
import { AlignedText, type Range } from './aligned-text.ts';
import type { Normalizer } from './normalizers.ts';
import { TokenTree } from './token-tree.ts';

/** A stretch of text, with the id where it is an added token. */
export interface Section {
  readonly text: AlignedText;
  readonly id?: number;
}

interface Found {
  readonly token: AddedTokenJson;
  readonly range: Range;
}

const WORD_BEFORE = /[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]$/u;
const WORD_AFTER = /^[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]/u;

/** The added tokens of a tokenizer. */
export class AddedTokens {
  /** Ids by content. */
  readonly ids: ReadonlyMap<string, number>;
  /** What the normaliser makes of those that are looked for in the normalised text, by id. */
  readonly normalised: ReadonlyMap<number, string>;
  private readonly raw: TokenFinder | undefined;
  private readonly rest: TokenFinder | undefined;
  private readonly normalise: Normalizer;

  constructor(
    tokens: readonly AddedTokenJson[],
    idOf: (token: string) => number | undefined,
    normalise: Normalizer,
  ) {
    this.normalise = normalise;
    // Of a content that comes twice the last holds; a token that the model has keeps the model's id.
    const known = new Map<string, AddedTokenJson>();
    for (const token of tokens) {
      if (token.content === '') continue;
      known.set(token.content, { ...token, id: idOf(token.content) ?? token.id });
    }
    this.ids = new Map([...known].map(([content, { id }]) => [content, id]));
    const tokensOf = (wanted: boolean) =>
      [...known.values()].filter(({ normalized, special }) => (normalized ?? !special) === wanted);
    const raw = tokensOf(false).map((token): [string, AddedTokenJson] => [token.content, token]);
    const rest = tokensOf(true).map((token): [string, AddedTokenJson] => [
      normalisedText(token.content, normalise),
      token,
    ]);
    this.raw = raw.length > 0 ? new TokenFinder(raw) : undefined;
    this.rest = rest.length > 0 ? new TokenFinder(rest) : undefined;
    this.normalised = new Map(rest.map(([text, { id }]) => [id, text]));
  }

  /** Whether some are looked for in the normalised text. */
  get haveNormalised(): boolean {
    return this.rest !== undefined;
  }

  /** Whether the text holds what may be one of the tokens that are looked for in the raw text. */
  mayHold(text: string): boolean {
    return this.raw?.mayHold(text) ?? false;
  }

  /** The sections of a text, normalised, in order; empty ones are left out. */
  sections(text: AlignedText): Section[] {
    return sectionsOf(text, this.raw).flatMap((section) => {
      if (section.id !== undefined) return [section];
      this.normalise(section.text);
      return sectionsOf(section.text, this.rest);
    });
  }
}

function normalisedText(content: string, normalise: Normalizer): string {
  const text = AlignedText.of(content, false);
  normalise(text);
  return text.text;
}

function sectionsOf(text: AlignedText, finder: TokenFinder | undefined): Section[] {
  if (text.text === '') return [];
  const found = finder?.find(text.text) ?? [];
  if (found.length === 0) return [{ text: text.slice(0, text.text.length) }];
  const sections: Section[] = [];
  let done = 0;
  const plain = (end: number) => {
    if (done < end) sections.push({ text: text.slice(done, end) });
  };
  for (const { token, range } of found) {
    const [start, end] = widened(text.text, token, range, done);
    if (start === undefined) continue;
    plain(start);
    if (start < end) sections.push({ text: text.slice(start, end), id: token.id });
    done = end;
  }
  plain(text.text.length);
  return sections;
}

/** The range with the white space that the token takes with it; no range where it must be a word and is none. */
function widened(
  text: string,
  token: AddedTokenJson,
  [start, end]: Range,
  done: number,
): [start: number | undefined, end: number] {
  const isWord =
    !WORD_BEFORE.test(text.slice(Math.max(0, start - 2), start)) && !WORD_AFTER.test(text.slice(end));
  if (token.single_word && !isWord) return [undefined, end];
  let from = start;
  let to = end;
  if (token.lstrip) while (from > done && /\p{White_Space}/u.test(text[from - 1])) from--;
  if (token.rstrip) while (to < text.length && /\p{White_Space}/u.test(text[to])) to++;
  return [Math.max(from, done), to];
}

/** Finds tokens in a text from the left, the longest at each place. */
class TokenFinder {
  private readonly tokens: readonly AddedTokenJson[];
  private readonly tree = new TokenTree();

  constructor(patterns: readonly [string, AddedTokenJson][]) {
    this.tokens = patterns.map(([, token]) => token);
    patterns.forEach(([pattern], i) => {
      if (pattern !== '') this.tree.add(pattern, i);
    });
  }

  mayHold(text: string): boolean {
    return this.tree.holdsOne(text);
  }

  find(text: string): Found[] {
    const found: Found[] = [];
    for (let from = 0; ; ) {
      const next = this.tree.search(text, from);
      if (next === undefined) return found;
      found.push({ token: this.tokens[next.id], range: [next.start, next.end] });
      from = next.end;
    }
  }
}
