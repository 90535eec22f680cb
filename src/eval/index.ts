/** Evaluation: rankings, measures, means, significance and result tables. Knows nothing of models. */

export { type AnsweredCollection, answerDepth, answerMeasures } from './answers/answer-measure.ts';
export { choiceAccuracy, choiceCredit, type ScoredChoices } from './answers/choices.ts';
export { type AnswerRules, answerTokens, MLQA_LANGUAGES } from './answers/normalise.ts';
export { type AnsweredRanking, answerAccuracy, firstAnswerRank } from './answers/retrieval.ts';
export {
  type AnswerScore,
  type AnswerScores,
  type GoldAnswers,
  scoreAnswer,
  scoreAnswers,
  tokenF1,
} from './answers/scores.ts';
export {
  compareLanguages,
  type LanguageComparison,
  type LanguageMeasures,
  type LanguageOptions,
  type LanguageResult,
  type LanguageRuns,
  type LanguageTest,
} from './compare-languages.ts';
export {
  type AskedMeasure,
  type EvaluateOptions,
  type Evaluation,
  evaluate,
  mean,
  pairedValues,
} from './evaluate.ts';
export { type LanguageSummary, summariseLanguages } from './languages.ts';
export { DEFAULT_MEASURES, MEASURE_FAMILIES, MEASURE_FORMS, parseMeasure } from './measure.ts';
export { AP } from './measures/average-precision.ts';
export { bpref } from './measures/bpref.ts';
export { infAP } from './measures/inferred-ap.ts';
export { Judged } from './measures/judged.ts';
export { type Measure, type MeasureFamily, type MeasureSettings, makeMeasure } from './measures/measure.ts';
export { nDCG } from './measures/ndcg.ts';
export type { PassageMeasure, ReturnedPassages } from './measures/passage-measure.ts';
export { P } from './measures/precision.ts';
export { Rprec } from './measures/r-precision.ts';
export { R } from './measures/recall.ts';
export { RR } from './measures/reciprocal-rank.ts';
export { Success } from './measures/success.ts';
export { type PeerPassage, type PeerSettings, peer } from './peer.ts';
export { type PeerName, parsePeer, peerMeasure } from './peer-measure.ts';
export {
  compareBytes,
  type JudgedRanking,
  type JudgmentTable,
  judgeRanking,
  judgmentTable,
  type RankedRun,
  type Ranking,
  rankedRun,
  rankings,
} from './ranking.ts';
export { rankTable } from './ranking-table.ts';
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
export { selectMeasures, TREC_MEASURES, TREC_SETS } from './trec-eval/registry.ts';
export { type TrecEvalSettings, trecEval } from './trec-eval/trec-eval.ts';
export { parseZScores, type ZScores } from './trec-eval/z-scores.ts';
