/** The tokens of what a student learns from, and how often each is used in which language. */
import type { SentencePair } from '../data/records.ts';
import { mapInTurns, type StageControl } from '../stage.ts';
import type { TextTokenizer } from '../text/tokenizer.ts';
import type { DistillData } from './distill-batches.ts';

/** Tokens of a pair: `pivot` in the teacher's language, `target` in the new one. */
export interface AlignedPair {
  readonly pivot: Int32Array;
  readonly target: Int32Array;
}

/** How often each token occurs, [V] each. */
export interface TokenUse {
  /** In target texts. */
  readonly target: Float64Array;
  /** n_f: in target texts whose translation does not hold it too. */
  readonly foreign: Float64Array;
  /** m_f: in pivot texts and anchors. */
  readonly pivot: Float64Array;
}

/**
 * The pairs of `data` as tokens, each dictionary entry `entryWeight` times.
 *
 * @throws RefractError `INTERRUPTED` when `control.signal` is aborted
 */
export async function readTokens(
  { pairs, dictionaries, anchors }: DistillData,
  tokenizer: TextTokenizer,
  entryWeight: number,
  control: StageControl,
): Promise<{ aligned: AlignedPair[]; use: TokenUse }> {
  const encode = (text: string) => tokenizer.encode(text);
  const both = ({ pivot, target }: SentencePair) => ({ pivot: encode(pivot), target: encode(target) });
  const read = (these: readonly SentencePair[], label: string) =>
    mapInTurns(these, both, label, 'pairs', control);
  const sentences = await read(pairs, 'reading sentence pairs');
  const entries =
    entryWeight > 0 ? await read([...dictionaries.values()].flat(), 'reading dictionaries') : [];
  const questions = await mapInTurns(anchors, encode, 'reading anchors', 'texts', control);
  const aligned = [...sentences, ...Array.from({ length: entryWeight }, () => entries).flat()];
  return { aligned, use: countUse(aligned, questions, tokenizer.vocabSize) };
}

/**
 * The use of each token of a vocabulary in pairs and further texts of the pivot language.
 *
 * @example countUse([{ pivot: Int32Array.of(0, 2), target: Int32Array.of(3, 2) }], [], 4).foreign // [0, 0, 0, 1]
 */
export function countUse(
  pairs: readonly AlignedPair[],
  questions: readonly Int32Array[],
  vocabulary: number,
): TokenUse {
  const [target, foreign, pivot] = [0, 1, 2].map(() => new Float64Array(vocabulary));
  for (const pair of pairs) {
    const copied = new Set(pair.pivot);
    for (const id of pair.pivot) pivot[id]++;
    for (const id of pair.target) {
      target[id]++;
      if (!copied.has(id)) foreign[id]++;
    }
  }
  for (const ids of questions) for (const id of ids) pivot[id]++;
  return { target, foreign, pivot };
}
