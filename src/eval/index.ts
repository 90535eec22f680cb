/** Evaluation: rankings, measures, means, significance and result tables. Knows nothing of models. */
export { type EvaluateOptions, type Evaluation, evaluate, mean, pairedValues } from './evaluate.ts';
export { DEFAULT_MEASURES, MEASURE_FAMILIES, MEASURE_FORMS, parseMeasure } from './measure.ts';
export { AP } from './measures/average-precision.ts';
export { Judged } from './measures/judged.ts';
export { type Measure, type MeasureFamily, type MeasureSettings, makeMeasure } from './measures/measure.ts';
export { nDCG } from './measures/ndcg.ts';
export { P } from './measures/precision.ts';
export { Rprec } from './measures/r-precision.ts';
export { R } from './measures/recall.ts';
export { RR } from './measures/reciprocal-rank.ts';
export { Success } from './measures/success.ts';
export {
  compareBytes,
  type JudgedRanking,
  type JudgmentTable,
  judgeRanking,
  judgmentTable,
  type Ranking,
  rankings,
} from './ranking.ts';
export * from './significance.ts';
export {
  type Cell,
  displayWidth,
  evaluationTable,
  formatTable,
  type ResultTable,
  TABLE_FORMATS,
  type TableFormat,
} from './table.ts';
