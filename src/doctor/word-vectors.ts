/**
 * Word vectors of a language's tokens: whether two tokens have the same, and whether they were ever trained.
 *
 * Vectors start as draws from N(0, 0.02²) in BERT and here. The norm of one of H numbers is then near 0.02 √H with a
 * deviation of 0.02 / √2, so that z = (norm - 0.02 √H) / (0.02 / √2) is about N(0, 1). Training moves it away, far in
 * a pretrained model, a little in a short training. Where the pivot language's tokens are far away, each token is
 * judged by itself: |z| < 3 is untrained. Where they are not, tokens are judged together: n untrained ones have a mean
 * z within 3/√n of 0, and the mean z of a mixture lies between that and the pivot language's, by its shares. After Land and Bartolo (2024), who look for untrained tokens by their vectors too.
 */
import type { FloatTensor } from '../model/safetensors.ts';
import { type Aspect, count, type Finding, judged, percent, weigh } from './finding.ts';
import { EQUAL_VECTORS, UNTRAINED_TOKENS } from './thresholds.ts';

/** BERT's standard deviation of starting weights. */
const DEVIATION = 0.02;
/** A mean z this near to 0 tells nothing, however many tokens there are: the draw is only nearly normal. */
const SLACK = 0.1;
/** Fewer tokens are not judged together. */
const LEAST_TOGETHER = 30;
/** Tokens that are named. */
const NAMED = 8;

/** What the aspect is told. */
export interface WordVectorsInput {
  readonly language: string;
  /** [V, H]. */
  readonly table: FloatTensor;
  /** The row that a token of the language takes; the token's id where there are no second vectors. */
  readonly rowOf: (id: number) => number;
  /** Ids of all tokens that have a text, special ones left out. */
  readonly ids: readonly number[];
  /** Tokens of texts in the language, and in the pivot language, with how often they occur. */
  readonly used: ReadonlyMap<number, number>;
  readonly pivotUsed: ReadonlyMap<number, number>;
  /** A teacher need not have trained them: distillation gives them their vectors. */
  readonly isTeacher: boolean;
  readonly tokens: (ids: Iterable<number>) => string[];
}

/** How near the norms of some tokens are to those of starting weights. */
export interface NormFigures {
  readonly tokens: number;
  /** Share with |z| < 3, and mean z. */
  readonly nearStart: number;
  readonly meanZ: number;
}

/**
 * Judges the vectors of the tokens that a language uses.
 *
 * @example examineWordVectors(input).figures.untrained // 0.87
 */
export function examineWordVectors(input: WordVectorsInput): Aspect {
  const { language, table, rowOf, used, pivotUsed, isTeacher, tokens } = input;
  const own = [...used.keys()].filter((id) => !pivotUsed.has(id));
  const norm = (ids: readonly number[]) => normFigures(table, ids.map(rowOf));
  const ownNorms = norm(own);
  const pivotNorms = norm([...pivotUsed.keys()]);
  const untrained = untrainedShare(ownNorms, pivotNorms);
  const equal = equalVectors(table, input.ids, rowOf);
  const equalUsed = [...used.keys()].filter((id) => equal.has(id));
  const equalShare = equalUsed.length / Math.max(used.size, 1);
  const findings: Finding[] = [];
  const equalWeight = weigh(equalShare, EQUAL_VECTORS);
  if (equalWeight !== undefined)
    findings.push({
      weight: equalWeight,
      what: `${count(equalUsed.length)} of the ${count(used.size)} tokens of ${language} have the same vector as another token: the model cannot tell them apart.`,
      remedy: `Train them before or with the model: refract pretrain --base MODEL --text FILE, with text of ${language}.`,
      examples: tokens(equalUsed.slice(0, NAMED)),
    });
  const untrainedWeight = untrained === undefined ? undefined : weigh(untrained, UNTRAINED_TOKENS);
  if (untrained !== undefined && untrainedWeight !== undefined)
    findings.push({
      weight: isTeacher ? 'note' : untrainedWeight,
      what: `${untrained === 1 ? 'The' : percent(untrained)} tokens that ${language} has for itself were never trained: their vectors are what they were drawn as.`,
      remedy: isTeacher
        ? `Distil a pack: its head start gives them vectors from the bitext. Without one the teacher reads ${language} as noise.`
        : `Pretrain on text of ${language} first (refract pretrain --base MODEL --text FILE), or train a teacher and distil a pack, whose head start gives them vectors from bitext.`,
      examples: tokens(own.sort((a, b) => used.get(b)! - used.get(a)!).slice(0, NAMED)),
    });
  const told = untrained === undefined ? 'cannot be told' : percent(untrained);
  return judged({
    name: 'word vectors',
    summary: `${count(used.size)} tokens in use, ${count(own.length)} of them for the language alone; never trained: ${told}`,
    facts: [
      ['tokens in use', count(used.size)],
      ['not in the pivot language', count(own.length)],
      ['of these never trained', told],
      ['with the vector of another', count(equalUsed.length)],
    ],
    figures: {
      used: used.size,
      own: own.length,
      untrained,
      ownNorms,
      pivotNorms,
      equalVectors: equalUsed.length,
      equalShare,
    },
    findings,
  });
}

/** Norms of rows of a table against those of starting weights. */
export function normFigures({ shape, data }: FloatTensor, rows: readonly number[]): NormFigures {
  const width = shape[1];
  let near = 0;
  let sum = 0;
  for (const row of rows) {
    let square = 0;
    for (let i = row * width; i < (row + 1) * width; i++) square += data[i] * data[i];
    const z = (Math.sqrt(square) - DEVIATION * Math.sqrt(width)) / (DEVIATION / Math.SQRT2);
    if (Math.abs(z) < 3) near++;
    sum += z;
  }
  const n = Math.max(rows.length, 1);
  return { tokens: rows.length, nearStart: near / n, meanZ: sum / n };
}

/**
 * The share of the language's own tokens that were never trained; undefined where norms cannot tell: no token of its
 * own, none of the pivot language to compare with, or one that looks untrained itself.
 */
export function untrainedShare(own: NormFigures, pivot: NormFigures): number | undefined {
  if (own.tokens === 0 || pivot.tokens < LEAST_TOGETHER) return undefined;
  if (pivot.nearStart < 0.1) return own.nearStart;
  const together = ({ tokens, meanZ }: NormFigures) => Math.abs(meanZ) < SLACK + 3 / Math.sqrt(tokens);
  if (own.tokens < LEAST_TOGETHER || together(pivot)) return undefined;
  if (together(own)) return 1;
  // Some of them trained as the pivot language's are, the others not at all.
  return Math.min(1, Math.max(0, 1 - own.meanZ / pivot.meanZ));
}

/** Tokens whose vector another token has, too. */
export function equalVectors(
  { shape, data }: FloatTensor,
  ids: readonly number[],
  rowOf: (id: number) => number,
): Set<number> {
  const width = shape[1];
  const bits = new Uint32Array(data.buffer, data.byteOffset, data.length);
  const first = new Map<number, number[]>();
  const equal = new Set<number>();
  const same = (a: number, b: number) => {
    for (let h = 0; h < width; h++) if (data[a * width + h] !== data[b * width + h]) return false;
    return true;
  };
  for (const id of ids) {
    const row = rowOf(id);
    let hash = 0x811c9dc5;
    // -0 equals 0, and has other bits.
    for (let i = row * width; i < (row + 1) * width; i++)
      hash = Math.imul(hash ^ (data[i] === 0 ? 0 : bits[i]), 0x01000193);
    const others = first.get(hash) ?? [];
    first.set(hash, others);
    for (const other of others) {
      if (!same(row, rowOf(other))) continue;
      equal.add(id);
      equal.add(other);
    }
    others.push(id);
  }
  return equal;
}
