/**
 * The public interface of Refract: everything the commands do, as functions. Exports stand in the order of the
 * flow: data, text, graph, model, transport, train, index, lexical, search, eval.
 *
 * @example
 * import { indexPassages, openSearcher } from 'refract';
 * await indexPassages('teacher', 'passages.jsonl', 'index');
 * const searcher = await openSearcher('index', { pack: 'packs/sw' });
 * const [best] = await searcher.search('maji safi', 10);
 */

// Data
export { type BitextOptions, loadBitext, readBitext } from './data/bitext.ts';
export type { Bitext, BitextPair } from './data/bitext-pair.ts';
export { type BitextReport, formatBitextReport } from './data/bitext-report.ts';
export { type CleanOptions, cleanBitext } from './data/clean.ts';
export { switchWords } from './data/code-switch.ts';
export { examplesOf, readExamples } from './data/examples.ts';
export { readGoldAnswers, readPredictions } from './data/gold-answers.ts';
export { checkJudgments, type NumberedJudgment, readJudgments } from './data/judgments.ts';
export { checkLanguage, languageName } from './data/language.ts';
export { type Lexicon, readLexicon, readLexiconReport } from './data/lexicon.ts';
export { type LexiconDirection, lexiconDirection } from './data/lexicon-direction.ts';
export { formatMerged, type MergedEntry, mergeLexicons, type NamedLexicon } from './data/lexicon-merge.ts';
export { directionWarning, leftOutNote } from './data/lexicon-notes.ts';
export { readPassages, streamPassages } from './data/passages.ts';
export { type QueryOptions, readQueries, streamQueries } from './data/queries.ts';
export {
  type Example,
  type Judgment,
  type LexiconEntry,
  type MetadataValue,
  type Passage,
  passageText,
  type Query,
  type RunEntry,
  type SentencePair,
  type Triple,
} from './data/records.ts';
export { type RunTable, readRunTable } from './data/run-table.ts';
export { readRun, writeRun } from './data/runs.ts';
export { mixSources, type SourceMixer } from './data/sampler.ts';
// Published data sets
export { DATA_SETS, findDataSet, openDataSet } from './data/sets/catalogue.ts';
export { type CheckReport, checkDataSet, type PartCount, type ReadControl } from './data/sets/check.ts';
export { type ConvertControl, type ConvertedFile, convertDataSet } from './data/sets/convert.ts';
export type {
  AnyPart,
  DataSet,
  DataSetPart,
  PartKind,
  ReadOptions,
  RemoteFile,
} from './data/sets/data-set.ts';
export { ReadingNotes } from './data/sets/reading-notes.ts';
export { downloadFile, type Transfer } from './data/sets/transfer.ts';
// Code switching
export {
  CodeSwitcher,
  codeSwitcher,
  type SwitchedFields,
  type SwitcherState,
} from './data/switching/code-switcher.ts';
export { type CoverageReport, type LanguageCoverage, lexiconCoverage } from './data/switching/coverage.ts';
export type { LanguageSwitches, SwitchReport, SwitchShares } from './data/switching/report.ts';
export type { SwitchSettings } from './data/switching/settings.ts';
export { SwitchSurvey } from './data/switching/survey.ts';
export { type SwitchedRecords, switchFile } from './data/switching/switch-file.ts';
export { SwitchLexicon } from './data/switching/switch-lexicon.ts';
export type { TransferControl } from './data/transfer/retry.ts';
// The whole way on the embedded sample
export {
  type DemoFigures,
  type DemoOptions,
  type DemoReport,
  type DemoSearch,
  demoSettings,
  runDemo,
} from './demo.ts';
// Looking at a model and data before training
export { type DoctorReport, type ExamineOptions, examine } from './doctor/examine.ts';
export type { Aspect, AspectName, Finding, PairExample, Verdict } from './doctor/finding.ts';
// Common ground
export { ERROR_CODES, type ErrorCode, type ErrorPlace, RefractError } from './errors.ts';
// Evaluation
export {
  type CompareOptions,
  type Comparison,
  compareRuns,
  type NamedRun,
  type RunComparison,
} from './eval/compare.ts';
export {
  type AnsweredCollection,
  type AnswerRules,
  type AnswerScores,
  AP,
  type AskedMeasure,
  answerAccuracy,
  answerMeasures,
  answerTokens,
  bootstrapInterval,
  bpref,
  choiceAccuracy,
  choiceCredit,
  compareLanguages,
  DEFAULT_MEASURES,
  type Evaluation,
  equivalenceTest,
  evaluate,
  evaluationTable,
  firstAnswerRank,
  formatTable,
  type GoldAnswers,
  holm,
  infAP,
  Judged,
  judgmentTable,
  kruskalWallis,
  type LanguageComparison,
  type LanguageRuns,
  type LanguageSummary,
  type Measure,
  nDCG,
  P,
  type PassageMeasure,
  type PeerName,
  type PeerPassage,
  pairedT,
  pairedValues,
  parseMeasure,
  parsePeer,
  parseZScores,
  peer,
  peerMeasure,
  R,
  type RankedRun,
  type ResultTable,
  type ReturnedPassages,
  Rprec,
  RR,
  randomisationTest,
  rankedRun,
  rankTable,
  type ScoredChoices,
  Success,
  scoreAnswer,
  scoreAnswers,
  summariseLanguages,
  type TableFormat,
  type TrecEvalSettings,
  trecEval,
} from './eval/index.ts';
// The engine: tensors, operators and sessions under one name, since operators are called add, log, where ...
export * as graph from './graph/index.ts';
// Index
export { buildIndex, type EncodedPassage, type IndexSettings } from './index/build.ts';
export type { CodeBits, Codec, CodecParts } from './index/codec/codec.ts';
export { readCodec, writeCodec } from './index/codec/codec-files.ts';
export { type CodecSettings, centroidCount, sampleSize, trainCodec } from './index/codec/train.ts';
export { type ResidualStorageOptions, residualStorage } from './index/compressed/residual-storage.ts';
export { type ExportFormat, exportVectors } from './index/export-vectors.ts';
export type { FieldRange, Filter, FilterValue } from './index/fields/filter.ts';
export { formatFilter, parseFilter } from './index/fields/filter-text.ts';
export { FieldSchema, type FieldType } from './index/fields/schema.ts';
export type { FieldsView } from './index/fields/view.ts';
export { IndexView } from './index/index-view.ts';
export type {
  Hit,
  IndexFingerprint,
  LateInteractionIndex,
  QueryVectors,
  SearchOptions,
} from './index/late-interaction.ts';
export type { LexicalSettings } from './index/lexical/lexical-files.ts';
export type { IndexManifest, IndexPrecision, PrecisionChoice } from './index/manifest.ts';
export { maxSim } from './index/maxsim.ts';
export { isStale, openIndex, refreshed } from './index/open-index.ts';
export { type IndexStats, indexStats } from './index/stats.ts';
export type { TextsReport } from './index/texts-report.ts';
export type {
  AllowedWindows,
  CentroidFit,
  FileEntries,
  FileEntry,
  SearchEffort,
  SegmentScorer,
  VectorReader,
  VectorStorage,
  VectorWriter,
  WindowHit,
  WindowPlace,
} from './index/vector-storage.ts';
export { type DamagedFile, type VerifyReport, verifyIndex } from './index/verify.ts';
export { type AddReport, IndexWriter, type IndexWriterOptions } from './index/writer/index-writer.ts';
// Lexical retrieval
export { type LexicalRun, lexicalRun, type QueryTranslation } from './lexical/cross-lingual.ts';
export { englishStem } from './lexical/english-stem.ts';
export {
  Bm25Index,
  type Bm25Options,
  type LexicalHit,
  type LexicalIndex,
  mineHardNegatives,
} from './lexical/index.ts';
export {
  formatInduced,
  type InducedEntry,
  type InduceOptions,
  induceLexicon,
} from './lexical/induce-lexicon.ts';
export {
  learnTranslations,
  type PsqDirections,
  type PsqSettings,
  type TextPair,
  TranslationProbabilities,
} from './lexical/psq.ts';
export {
  QueryDictionary,
  type TranslatedQuery,
  type TranslationStructure,
  translateQuery,
} from './lexical/query-translation.ts';
export {
  type DocumentFrequency,
  StructuredSearch,
  type StructuredTerm,
  type WordPart,
} from './lexical/structured.ts';
export { type AdapterSettings, mergeAdapters, withAdapters } from './model/adapters.ts';
export { modelCard } from './model/card.ts';
export { type ScoresFile, scoresSection } from './model/card-scores.ts';
export {
  type Checkpoint,
  type ReadCheckpointOptions,
  type RetrieverCheckpoint,
  readCheckpoint,
  writeCheckpoint,
} from './model/checkpoint.ts';
export { colbertInputs, tokenVectors } from './model/colbert.ts';
export { configOfSize, type EncoderConfig, SIZES, type Size } from './model/config.ts';
export {
  type TeacherSource,
  type WriteDifferenceOptions,
  writeDifference,
} from './model/difference-folder.ts';
export { Encoder, type EncoderOptions, type TextVectors } from './model/encoder.ts';
export {
  type ExportedModel,
  type ExportOnnxOptions,
  type ExportOnnxReport,
  exportOnnx,
} from './model/export/onnx.ts';
// Models
export {
  EXPORT_LAYOUTS,
  type ExportLayout,
  type ExportOptions,
  type ExportReport,
  exportModel,
} from './model/export.ts';
export type { Lookup, ParameterTensors } from './model/families/index.ts';
export { checkPackFits, modelFingerprint } from './model/fingerprint.ts';
export { cardOfFolder } from './model/folder-card.ts';
// Models on the Hugging Face hub, and their cache
export { type CachedModel, cachedModels, type UnfinishedModel } from './model/hub/cached-models.ts';
export {
  type FetchedFile,
  type FetchedModel,
  type FetchOptions,
  fetchHubModel,
} from './model/hub/fetch-model.ts';
export { type HubSettings, hubSettings } from './model/hub/hub-settings.ts';
export { fetchModel, type LocalModel, sourceOf } from './model/hub/local-model.ts';
export { type HubName, hubNameOf, parseHubName } from './model/hub/model-name.ts';
export { type LowRank, type Truncation, truncate } from './model/low-rank.ts';
export type { ModelSource } from './model/model-source.ts';
export { type ImportEncoderOptions, type ImportedEncoder, importEncoder } from './model/onnx-encoder.ts';
export {
  PRECISIONS as ENCODER_PRECISIONS,
  type Precision as EncoderPrecision,
} from './model/precision.ts';
export { readingDefaults, readReader } from './model/reader-checkpoint.ts';
export { withWordsOf } from './model/reader-words.ts';
export { readSafetensors, writeSafetensors } from './model/safetensors.ts';
export {
  type PackSettings,
  type RetrievalSettings,
  type RetrieverSettings,
  retrievalSettings,
  type Settings,
} from './model/settings.ts';
export {
  type ReadAnswer,
  type ReaderCheckpoint,
  type ReadQuestion,
  SpanReader,
} from './model/span-reader.ts';
export { PRECISIONS, type Precision, readWeights, type WeightsWritten } from './model/weight-files.ts';
// Plans
export { planDistill } from './plan/plan-distill.ts';
export { type IndexPlan, planIndex } from './plan/plan-index.ts';
export { planTeach } from './plan/plan-teach.ts';
export type { TruncatedTexts, WorkPlan } from './plan/work-plan.ts';
export { type Progress, type ProgressFactory, silent, streamProgress } from './progress.ts';
export { RandomStream } from './random.ts';
// Search
export { type AddPassagesOptions, type AddPassagesReport, addPassages } from './search/change-index.ts';
export { type ChoiceQuestion, type EncodeQueries, scoreChoices } from './search/choices.ts';
export { type EncodePassagesOptions, encodePassages } from './search/encode-passages.ts';
export { alignTokens, type TokenAlignment, type TokenLabels } from './search/explain-align.ts';
export { alignmentHtml, type ExplainPage } from './search/explain-html.ts';
export { alignmentSvg, type HeatmapSettings } from './search/explain-svg.ts';
export { alignmentTable } from './search/explain-table.ts';
export { type Explanation, explainPassage } from './search/explanation.ts';
export {
  type Candidate,
  type FusedSides,
  fuseSides,
  type HybridHit,
  type SideScore,
  type SideWeights,
} from './search/fuse-sides.ts';
export {
  type FusionOptions,
  type Normalisation,
  type ReciprocalRankOptions,
  reciprocalRankFusion,
  type WeightedOptions,
  weightedFusion,
} from './search/fusion.ts';
export {
  type ExplainedHit,
  type HybridOptions,
  type HybridQuery,
  HybridSearch,
  type SearchMode,
} from './search/hybrid.ts';
export {
  type IndexPassagesOptions,
  type IndexReport,
  indexPassages,
} from './search/index-passages.ts';
export {
  type DetectedLanguage,
  type DetectionOptions,
  detectLanguage,
  type LanguageShare,
} from './search/language-detection.ts';
export {
  type LanguageAnswer,
  type LanguageRun,
  LanguageSearcher,
  type LanguageSearcherOptions,
} from './search/language-searcher.ts';
export { openSearcher } from './search/open-searcher.ts';
export type { PackLanguages } from './search/pack-set.ts';
export type { AnsweredBy, LanguageChoice, ReadLanguages } from './search/query-language.ts';
export { type FoundPassage, Searcher, type SearcherOptions } from './search/searcher.ts';
export {
  openTextSearch,
  type TextAnswer,
  type TextHit,
  type TextRun,
  TextSearch,
  type TextSearchOptions,
} from './search/text-search.ts';
export { tokenLabels } from './search/token-labels.ts';
export type { StageControl } from './stage.ts';
// Studies
export { type Cell, type CellKind, type CellPlan, CellTable, type CellWork } from './study/cell.ts';
export type { CellMaker } from './study/cell-maker.ts';
export type { CellRecord } from './study/cell-record.ts';
export type { CellResult, RealisedShares } from './study/cell-result.ts';
export { CellWorkers, type CellWorkersOptions } from './study/cell-workers.ts';
export { studySchema } from './study/checked-study.ts';
export { type Matrix, type MatrixRow, studyMatrix } from './study/matrix.ts';
export { type CellCost, planStudy, type StudyCost } from './study/plan.ts';
export {
  checkPlan,
  type PlanCheck,
  type PlanRecord,
  type PredictionCheck,
  readPlan,
  writePlan,
} from './study/plan-record.ts';
export type { StudyAnswer } from './study/report/answer.ts';
export type { Change, TestSettings } from './study/report/changes.ts';
export { type RobustnessChart, robustnessSvg } from './study/report/chart.ts';
export type { BaselineComparison } from './study/report/comparisons.ts';
export type { Condition, ReportedArm, ReportedStudy } from './study/report/conditions.ts';
export { type ArmCost, armCosts } from './study/report/cost.ts';
export type { EnglishFigures } from './study/report/english.ts';
export {
  REPORT_DEFAULTS,
  type ReportSettings,
  type StudyFigures,
  studyFigures,
} from './study/report/figures.ts';
export type { GoalComparison, GoalVerdict } from './study/report/goals.ts';
export type { LanguageFigure } from './study/report/language-figures.ts';
export { spearman, type Trend, trendOver } from './study/report/trend.ts';
export { type WrittenReport, writeStudyReport } from './study/report/write-report.ts';
export { type ScoreRow, studyScores, writeResults } from './study/results.ts';
export { type RunCellsOptions, runCells } from './study/run-cells.ts';
export { StudyFiles } from './study/study-files.ts';
export type { Study } from './study/study-schema.ts';
export { CharacterCounts, type CharacterModel, charactersOf, logLikelihood } from './text/character-model.ts';
export type { FramedTokens, FrameOptions, PairFrame } from './text/frame.ts';
// Text
export { foldCase, foldDiacritics, foldDigits } from './text/normalize.ts';
export { type Script, scripts, words } from './text/segment.ts';
export type { TokenRole } from './text/special-roles.ts';
export type { TokenOffsets } from './text/token-offsets.ts';
export { loadTokenizer, TextTokenizer, type TokenizedWord } from './text/tokenizer.ts';
export { type TokenizerJson, tokenizerFingerprint } from './text/tokenizer-json.ts';
export { type TrainTokenizerSettings, trainTokenizer, type WeightedTexts } from './text/train-bpe.ts';
export { type Alignment, AlignmentMemory } from './train/alignment.ts';
// Training
export { type BitextInput, type BitextResult, teachBitext } from './train/bitext.ts';
export {
  type BitextSettings,
  type ContrastiveSettings,
  contrastiveDefaults,
  contrastiveSchema,
  type SentenceMseSettings,
  sentenceMseDefaults,
  sentenceMseSchema,
} from './train/bitext-settings.ts';
export { type DistillControl, type DistillInput, type DistillResult, distill } from './train/distill.ts';
export { type DistillSettings, distillDefaults, distillSchema } from './train/distill-settings.ts';
export { initialWeights } from './train/initialise.ts';
export {
  type LoopControl,
  type LoopSettings,
  type Training,
  type TrainingReport,
  train,
} from './train/loop.ts';
export type { Batch, BatchSource, Objective } from './train/objective.ts';
export {
  type OpticalSettings,
  opticalLoss,
  opticalObjective,
  type SolverSettings,
  transportPlans,
} from './train/optical-objective.ts';
export { expandPack, type ShrinkOptions, type ShrinkReport, shrinkPack } from './train/pack-forms.ts';
export { type PretrainData, pretrain } from './train/pretrain.ts';
export { type PretrainSettings, pretrainDefaults, pretrainSchema } from './train/pretrain-settings.ts';
// Training of readers
export { type ReadData, type ReadResult, trainReader } from './train/read.ts';
export { type ReadSettings, readDefaults } from './train/read-settings.ts';
export { type SwitchedInput, type SwitchedResult, teachSwitched } from './train/switched.ts';
export { type SwitchedSettings, switchedDefaults, switchedSchema } from './train/switched-settings.ts';
export { type TeachData, teach } from './train/teach.ts';
export {
  type TeachBaseSettings,
  type TeachSettings,
  teachBaseDefaults,
  teachBaseSchema,
  teachDefaults,
  teachSchema,
} from './train/teach-settings.ts';
// Translation of queries
export type { GenerationOptions } from './translate/generation.ts';
export { type TranslatedText, type TranslateOptions, Translator } from './translate/translator.ts';
// Optimal transport, plain and as operators of a graph (`sinkhornPlans` and its like)
export { cosineCost } from './transport/cost.ts';
export { planEntropy } from './transport/entropy.ts';
export { exactTransport } from './transport/exact.ts';
export { ipotPlans, NO_MASS, sinkhornPlans, unbalancedPlans } from './transport/graph-plans.ts';
export { type IpotSettings, ipot } from './transport/ipot.ts';
export {
  documentFrequencies,
  idfMarginal,
  inverseDocumentFrequency,
  uniformMarginal,
} from './transport/marginals.ts';
export type { TransportPlan } from './transport/plan.ts';
export { type SinkhornSettings, sinkhorn } from './transport/sinkhorn.ts';
export { type UnbalancedSettings, unbalancedSinkhorn } from './transport/unbalanced.ts';
export { VERSION } from './version.ts';
