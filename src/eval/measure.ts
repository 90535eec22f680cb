/**
 * Measures by name: `nDCG@10`, `RR@10`, `R@1`, `AP`, `P(rel=2)@5`, `Success@5`.
 *
 *     name [ "(rel=" grade ")" ] [ "@" cutoff ]
 *
 * Names are read without regard to case and by a few aliases (`MAP`, `MRR`, `Recall`, trec_eval's
 * `recip_rank`); a measure's own `name` is always the canonical one. What else trec_eval prints can be asked for by
 * the label that it prints: `iprec_at_recall_0.50`, `set_F`, `ndcg_1=3,2=9`.
 */
import { nearest, RefractError } from '../errors.ts';
import { averagePrecisionFamily } from './measures/average-precision.ts';
import { bprefFamily } from './measures/bpref.ts';
import { inferredApFamily } from './measures/inferred-ap.ts';
import { judgedFamily } from './measures/judged.ts';
import { type Measure, type MeasureFamily, makeMeasure } from './measures/measure.ts';
import { ndcgFamily } from './measures/ndcg.ts';
import { precisionFamily } from './measures/precision.ts';
import { rPrecisionFamily } from './measures/r-precision.ts';
import { recallFamily } from './measures/recall.ts';
import { reciprocalRankFamily } from './measures/reciprocal-rank.ts';
import { successFamily } from './measures/success.ts';
import { singleColumn } from './trec-eval/registry.ts';

/** Every kind of measure there is. */
export const MEASURE_FAMILIES: readonly MeasureFamily[] = [
  ndcgFamily,
  averagePrecisionFamily,
  reciprocalRankFamily,
  recallFamily,
  precisionFamily,
  rPrecisionFamily,
  successFamily,
  judgedFamily,
  bprefFamily,
  inferredApFamily,
];

/** The measures that `refract eval` prints when none is asked for. */
export const DEFAULT_MEASURES: readonly string[] = ['nDCG@10', 'RR@10', 'R@1', 'R@100', 'AP'];

const BY_NAME = new Map(
  MEASURE_FAMILIES.flatMap((family) =>
    [family.name, ...family.aliases].map((name) => [name.toLowerCase(), family] as const),
  ),
);

/** How each kind is written, for help texts: `nDCG[@k]`, `P[(rel=g)]@k`, ... */
export const MEASURE_FORMS: readonly string[] = MEASURE_FAMILIES.map(
  ({ name, cutoff, graded }) =>
    `${name}${graded ? '[(rel=g)]' : ''}${cutoff === 'none' ? '' : cutoff === 'required' ? '@k' : '[@k]'}`,
);

/**
 * Parses a measure.
 *
 * @throws RefractError `SETTING_UNKNOWN` for a name that does not exist (with the nearest and the list),
 *   `SETTING_INVALID` for a cutoff or relevance level that does not fit the measure
 * @example parseMeasure('P(rel=2)@5').cutoff // 5
 */
export function parseMeasure(text: string): Measure {
  const match = /^\s*([A-Za-z_]+)\s*(?:\(\s*rel\s*=\s*(-?\d+)\s*\))?\s*(?:@\s*(-?\d+))?\s*$/.exec(text);
  const family = match === null ? undefined : BY_NAME.get(match[1].toLowerCase());
  if (match === null || family === undefined) {
    const trec = fromTrecEval(text.trim());
    if (trec !== undefined) return trec;
    const word = match?.[1] ?? text.trim().split(/[@(]/)[0];
    const near =
      match === null
        ? undefined
        : nearest(
            word,
            MEASURE_FAMILIES.flatMap((f) => [f.name, ...f.aliases]),
          );
    throw new RefractError('SETTING_UNKNOWN', `no such measure: ${text}`, {
      hint: `${near === undefined ? '' : `Did you mean ${near}? `}Measures: ${MEASURE_FORMS.join(', ')}, and those of trec_eval.`,
    });
  }
  return makeMeasure(family, {
    relevance: match[2] === undefined ? undefined : Number(match[2]),
    cutoff: match[3] === undefined ? undefined : Number(match[3]),
  });
}

/** A measure by trec_eval's label; undefined where it has none of that name. */
function fromTrecEval(label: string): Measure | undefined {
  const selected = singleColumn(label);
  if (selected === undefined) return undefined;
  const { labels, values } = selected.columns;
  return {
    name: labels[0],
    cutoff: Number.POSITIVE_INFINITY,
    relevance: 1,
    value: (ranking) => Number(values(ranking, { relevance: 1, collection: 2 ** 63 })[0]),
  };
}
