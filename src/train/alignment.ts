/** What word alignment says of the data of a pack, and its memory: packs of the same data learn it once. */
import { createHash } from 'node:crypto';
import type { SentencePair } from '../data/records.ts';
import { type TranslationTable, trainModel1 } from '../lexical/ibm-model1.ts';
import type { StageControl } from '../stage.ts';
import type { TextTokenizer } from '../text/tokenizer.ts';
import type { DistillData } from './distill-batches.ts';
import type { DistillSettings } from './distill-settings.ts';
import { readTokens, type TokenUse } from './token-use.ts';

/** Model 1 drops translations less probable than this before they are mixed with those of plans. */
const LEAST_PROBABILITY = 1e-3;

/** How tokens are used and translated in the data of a pack. */
export interface Alignment {
  readonly use: TokenUse;
  /** t(e | f) by IBM Model 1; empty without iterations. */
  readonly translations: TranslationTable;
}

/**
 * Reads the data as tokens and aligns them, `iterations` rounds of IBM Model 1.
 *
 * @throws RefractError `INTERRUPTED` when `control.signal` is aborted
 */
export async function alignTokens(
  data: DistillData,
  tokenizer: TextTokenizer,
  { iterations, entryWeight }: Pick<DistillSettings['align'], 'iterations' | 'entryWeight'>,
  control: StageControl,
): Promise<Alignment> {
  const { aligned, use } = await readTokens(data, tokenizer, entryWeight, control);
  if (iterations === 0) return { use, translations: new Map() };
  const pairs = aligned.map(({ pivot, target }) => ({ e: pivot, f: target }));
  return {
    use,
    translations: await trainModel1(pairs, { iterations, threshold: LEAST_PROBABILITY }, control),
  };
}

/** The last alignment, for packs that are made one after the other from the same data with the same tokenizer. */
export class AlignmentMemory {
  private key = '';
  private alignment: Alignment | undefined;

  /** The alignment of the data: the one that is there, or a new one. Errors: those of `alignTokens`. */
  async of(
    data: DistillData,
    tokenizer: TextTokenizer,
    /** The content of `tokenizer.json`. */
    tokenizerJson: unknown,
    align: DistillSettings['align'],
    control: StageControl,
  ): Promise<Alignment> {
    const { iterations, entryWeight } = align;
    // What costs little is not worth the room of an alignment that others may ask for again.
    if (iterations === 0) return alignTokens(data, tokenizer, align, control);
    const key = keyOf(data, [tokenizerJson, iterations, entryWeight]);
    if (this.alignment !== undefined && key === this.key) return this.alignment;
    this.alignment = undefined;
    const made = await alignTokens(data, tokenizer, align, control);
    this.alignment = made;
    this.key = key;
    return made;
  }
}

/** SHA-256 of all that an alignment depends on. */
function keyOf({ pairs, dictionaries, anchors }: DistillData, others: readonly unknown[]): string {
  const hash = createHash('sha256').update(JSON.stringify(others));
  const section = (texts: readonly SentencePair[]) => {
    hash.update(`\n#${texts.length}\n`);
    for (const { pivot, target } of texts) hash.update(`${JSON.stringify([pivot, target])}\n`);
  };
  section(pairs);
  for (const entries of dictionaries.values()) section(entries);
  hash.update(JSON.stringify(anchors));
  return hash.digest('hex');
}
