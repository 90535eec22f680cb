/**
 * Text to ids, and to their places, in the steps of Hugging Face `tokenizers`: added tokens are found, what lies between
 * is normalised, cut into pieces, and each piece becomes ids. Ids of runs between spaces and of pieces are remembered.
 */
import type { TokenizerJson } from '../tokenizer-json.ts';
import { AddedTokens } from './added-tokens.ts';
import { AlignedText } from './aligned-text.ts';
import { isLocal } from './locality.ts';
import { modelOf } from './model.ts';
import { type Normalizer, normalizerOf } from './normalizers.ts';
import type { Model, PieceTokens } from './piece-model.ts';
import { type PreTokenizer, preTokenizerOf } from './pre-tokenizers.ts';

/** How many distinct runs, and how many pieces, are remembered before their store is emptied. */
const REMEMBERED_PARTS = 200_000;
/** Longer runs and pieces hardly come again; in UTF-16 code units. */
const REMEMBERED_LENGTH = 64;

/** White space in every implementation's sense; rarer kinds are left to the pre-tokenizer. */
const SPACES = /[ \t\n\r]+/;
/** A run whose first or last character may form one letter with a space beside it. */
const LEANING =
  /(?:^|[ \t\n\r])[\p{M}\p{Grapheme_Extend}\u200d]|[\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\u{110bd}\u{110cd}](?:[ \t\n\r]|$)/u;

/** Ids with places in the text, and what each token spells. */
export interface PlacedTokens {
  readonly ids: number[];
  readonly starts: number[];
  readonly ends: number[];
  /** The text of added tokens as it was found; undefined for tokens of the model. */
  readonly added: (string | undefined)[];
}

export class Pipeline {
  readonly model: Model;
  readonly added: AddedTokens;
  private readonly normalise: Normalizer;
  private readonly preTokenize: PreTokenizer;
  private readonly local: boolean;
  /** Whether the normaliser looks at letters with their marks, which may stand on a space. */
  private readonly clusters: boolean;
  /** Whether pieces depend on where in the original they begin. */
  private readonly asksPlaces: boolean;
  private readonly runs = new Map<string, readonly number[]>();
  private readonly pieces = new Map<string, PieceTokens>();

  /** Throws `ComponentFault` when a part of the tokenizer is not supported. */
  constructor(json: TokenizerJson) {
    this.model = modelOf(json.model);
    this.preTokenize = preTokenizerOf(json.pre_tokenizer);
    this.normalise = normalizerOf(json.normalizer);
    const idOf = (token: string) => this.model.vocabulary.get(token);
    this.added = new AddedTokens(json.added_tokens, idOf, this.normalise);
    this.local = isLocal(json) && !this.added.haveNormalised;
    this.clusters = JSON.stringify(json.normalizer ?? '').includes('"Precompiled"');
    this.asksPlaces = JSON.stringify(json.pre_tokenizer ?? '').includes('"prepend_scheme":"first"');
  }

  /** Ids of a text, without the special tokens of the template. */
  ids(text: string): number[] {
    if (!this.local || this.added.mayHold(text) || (this.clusters && LEANING.test(text)))
      return this.idsOf(text);
    const ids: number[] = [];
    for (const run of text.split(SPACES)) {
      if (run === '') continue;
      const known = this.runs.get(run) ?? remember(this.runs, run, this.idsOf(run));
      for (const id of known) ids.push(id);
    }
    return ids;
  }

  /** A text as the normaliser leaves it; where added tokens stand in it is not looked for. */
  normalised(text: string): string {
    const aligned = AlignedText.of(text, false);
    this.normalise(aligned);
    return aligned.text;
  }

  /** Ids and places of a text's tokens, without those of the template. */
  placed(text: string): PlacedTokens {
    const tokens: PlacedTokens = { ids: [], starts: [], ends: [], added: [] };
    for (const section of this.added.sections(AlignedText.of(text, true))) {
      if (section.id !== undefined) {
        const [start, end] = section.text.place(0, section.text.text.length);
        tokens.ids.push(section.id);
        tokens.starts.push(start);
        tokens.ends.push(end);
        tokens.added.push(section.text.text);
        continue;
      }
      for (const piece of this.preTokenize(section.text)) {
        const { ids, starts, ends } = this.tokensOf(piece.text);
        for (let t = 0; t < ids.length; t++) {
          const [start, end] = piece.place(starts[t], ends[t]);
          tokens.ids.push(ids[t]);
          tokens.starts.push(start);
          tokens.ends.push(end);
          tokens.added.push(undefined);
        }
      }
    }
    return tokens;
  }

  private idsOf(text: string): number[] {
    const ids: number[] = [];
    for (const section of this.added.sections(AlignedText.of(text, this.asksPlaces))) {
      if (section.id !== undefined) ids.push(section.id);
      else
        for (const piece of this.preTokenize(section.text))
          for (const id of this.tokensOf(piece.text).ids) ids.push(id);
    }
    return ids;
  }

  private tokensOf(piece: string): PieceTokens {
    const { seam } = this.model;
    if (seam === undefined || piece.indexOf(seam, 1) < 0) return this.tokensOfPart(piece);
    const ids: number[] = [];
    const starts: number[] = [];
    const ends: number[] = [];
    for (let from = 0; from < piece.length; ) {
      const to = nextSeam(piece, seam, from);
      const part = this.tokensOfPart(piece.slice(from, to));
      for (let t = 0; t < part.ids.length; t++) {
        ids.push(part.ids[t]);
        starts.push(part.starts[t] + from);
        ends.push(part.ends[t] + from);
      }
      from = to;
    }
    return { ids, starts, ends };
  }

  private tokensOfPart(piece: string): PieceTokens {
    return this.pieces.get(piece) ?? remember(this.pieces, piece, this.model.tokenize(piece));
  }
}

/** Where the next run of the seam begins after `from`, or the end. */
function nextSeam(piece: string, seam: string, from: number): number {
  let at = from;
  while (piece[at] === seam) at++;
  const next = piece.indexOf(seam, at);
  return next < 0 ? piece.length : next;
}

/** Stores `value` under `part` unless it is long, as a passage without spaces is; a full store is emptied first. */
function remember<T>(store: Map<string, T>, part: string, value: T): T {
  if (part.length > REMEMBERED_LENGTH) return value;
  if (store.size >= REMEMBERED_PARTS) store.clear();
  // A copy: a part of a string keeps all of it in memory.
  store.set(` ${part}`.slice(1), value);
  return value;
}
