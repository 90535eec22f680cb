/** Special tokens around texts, and texts cut to a length, as a tokenizer's template says. */
import type { TokenRole } from './special-roles.ts';
import type { PlacedTokens } from './tokenize/pipeline.ts';
import { addedCount, type Template, type TemplatePart } from './tokenize/template.ts';
import { keptLengths, type TruncationStrategy } from './tokenize/truncation.ts';

/** How texts are cut. */
export interface FrameOptions {
  /** Tokens at most, special ones among them; without it nothing is cut. */
  readonly maxTokens?: number;
  /** Which text is cut; `longest_first` where nothing is said. */
  readonly truncation?: TruncationStrategy;
  /** The side that is cut off; `right` where nothing is said. */
  readonly side?: 'left' | 'right';
}

/** Tokens of one text or two in a template; each array `[tokens]`. */
export interface FramedTokens {
  readonly ids: Int32Array;
  /** Token types (segments). */
  readonly types: Int32Array;
  /** 1 for tokens of the template. */
  readonly special: Uint8Array;
  /** Places in the text that a token is of, `[0, 0)` for tokens of the template. */
  readonly starts: Int32Array;
  readonly ends: Int32Array;
}

/** Ids around two texts. */
export interface PairFrame {
  readonly before: readonly number[];
  readonly between: readonly number[];
  readonly after: readonly number[];
}

/**
 * Texts in the template for one or for two.
 *
 * @param trim takes white space off the places of what is kept of a text
 * @throws RefractError `SETTING_INVALID` when they cannot be cut so short
 */
export function frame(
  template: Template,
  texts: readonly PlacedTokens[],
  trim: (tokens: PlacedTokens, sequence: 0 | 1) => PlacedTokens,
  { maxTokens = Infinity, truncation = 'longest_first', side = 'right' }: FrameOptions,
): FramedTokens {
  const parts = texts.length > 1 ? template.pair : template.single;
  const lengths = texts.map(({ ids }) => ids.length);
  const kept = keptLengths(lengths, maxTokens - addedCount(parts), truncation);
  const tokens = parts.flatMap((part) => {
    if ('ids' in part) return part.ids.map((id) => ({ id, type: part.type, special: 1, start: 0, end: 0 }));
    const { sequence, type } = part;
    const first = side === 'left' ? lengths[sequence] - kept[sequence] : 0;
    const { ids, starts, ends } = trim(sliced(texts[sequence], first, first + kept[sequence]), sequence);
    return ids.map((id, t) => ({ id, type, special: 0, start: starts[t], end: ends[t] }));
  });
  return {
    ids: Int32Array.from(tokens, ({ id }) => id),
    types: Int32Array.from(tokens, ({ type }) => type),
    special: Uint8Array.from(tokens, ({ special }) => special),
    starts: Int32Array.from(tokens, ({ start }) => start),
    ends: Int32Array.from(tokens, ({ end }) => end),
  };
}

function sliced({ ids, starts, ends, added }: PlacedTokens, from: number, to: number): PlacedTokens {
  return {
    ids: ids.slice(from, to),
    starts: starts.slice(from, to),
    ends: ends.slice(from, to),
    added: added.slice(from, to),
  };
}

/** What stands around two texts; `roleId` gives the ids of BERT's frame where the template has no tokens. */
export function pairFrame({ pair }: Template, roleId: (role: TokenRole) => number): PairFrame {
  const first = pair.findIndex((part) => 'sequence' in part && part.sequence === 0);
  const second = pair.findIndex((part) => 'sequence' in part && part.sequence === 1);
  if (addedCount(pair) === 0 || first < 0 || second < first) {
    const [cls, sep] = [roleId('cls'), roleId('sep')];
    return { before: [cls], between: [sep], after: [sep] };
  }
  const ids = (parts: readonly TemplatePart[]) => parts.flatMap((part) => ('ids' in part ? part.ids : []));
  return {
    before: ids(pair.slice(0, first)),
    between: ids(pair.slice(first + 1, second)),
    after: ids(pair.slice(second + 1)),
  };
}
