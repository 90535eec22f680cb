/**
 * What a tokenizer and model make of a language, before compute is spent: reads the files, hands each aspect what it
 * needs, and puts the report together. Texts and passages are streamed; a bitext is read whole, as distillation does.
 */

import type { CleanOptions } from '../data/clean.ts';
import { checkLanguage, languageName, sameLanguage } from '../data/language.ts';
import { readLexiconReport } from '../data/lexicon.ts';
import type { LexiconEntry } from '../data/records.ts';
import { streamTexts } from '../data/text-stream.ts';
import { RefractError } from '../errors.ts';
import { WORD_TABLE } from '../model/families/index.ts';
import type { StageControl } from '../stage.ts';
import type { TextTokenizer } from '../text/tokenizer.ts';
import { teachBaseDefaults } from '../train/teach-settings.ts';
import { loadBitextPairs } from './bitext-files.ts';
import { examineBitext } from './bitext-quality.ts';
import { examineDictionary } from './dictionary-use.ts';
import { countParallelTokens, examineFertility } from './fertility.ts';
import { ASPECTS, type Aspect, type Verdict, worst } from './finding.ts';
import { examineLengths, type LengthFigures, type LengthLimits, measureLengths } from './lengths.ts';
import { examineModel } from './model-facts.ts';
import { type OpenedModel, openModel } from './model-file.ts';
import { examineNormalisation } from './normalisation.ts';
import { examineScript } from './script-use.ts';
import { type SampleOptions, sampled, surveyTexts, type TextSurvey } from './text-survey.ts';
import { TokenKinds } from './token-kinds.ts';
import { examineUnknown } from './unknown-pieces.ts';
import { countWordsAndTokens, usedTokens } from './word-counts.ts';
import { examineWordVectors } from './word-vectors.ts';

/** What to look at. At least one of `texts`, `queries` and `bitext` must have text in the language. */
export interface ExamineOptions extends SampleOptions, CleanOptions {
  /** BCP 47 code of the language. */
  readonly language: string;
  /** That of the collection; by default the first of a teacher's languages, else English. */
  readonly pivotLanguage?: string;
  /** Files with text in the language: plain lines, or JSON lines. */
  readonly texts?: readonly string[];
  /** Files with queries in the language. */
  readonly queries?: readonly string[];
  /** The field of queries that holds the words; default `text`. */
  readonly textField?: string;
  /** Files with passages of the collection, in whatever language. */
  readonly passages?: readonly string[];
  /** Files with text in the pivot language, to compare with where there is no bitext. */
  readonly pivotTexts?: readonly string[];
  /** Files with English text, taken for `pivotTexts` where there are none, nor a bitext, and English is the pivot. */
  readonly englishTexts?: readonly string[];
  /** Sentence pairs, in any format that `readBitext` takes. */
  readonly bitext?: readonly string[];
  /** Columns of the bitext: pivot, target and optionally source. */
  readonly columns?: readonly string[];
  /** Dictionaries, pivot first. */
  readonly dictionaries?: readonly string[];
}

/** What was found. */
export interface DoctorReport {
  readonly model: string;
  readonly language: string;
  readonly pivotLanguage: string;
  /** The gravest of the aspects. */
  readonly verdict: Verdict;
  /** Texts and characters that were read, and texts that were looked at closely. */
  readonly text: {
    readonly from: string;
    readonly texts: number;
    readonly characters: number;
    readonly sampled: number;
  };
  readonly aspects: readonly Aspect[];
}

/** Lengths where no model says any: the defaults of `refract teach`. */
const USUAL_LIMITS: LengthLimits = { queryMaxTokens: 48, passageMaxTokens: 384, positions: Infinity };

/**
 * Examines the model (or `tokenizer.json`) at `path` for a language. What cannot be opened of the model is a finding;
 * data that cannot be read is an error.
 *
 * @throws RefractError `LANGUAGE_UNKNOWN`; `SETTING_INVALID` when there is no text; `FILE_MISSING`; those of the
 *   readers of texts, bitext and dictionaries; `INTERRUPTED`
 * @example (await examine('models/teacher', { language: 'so', texts: ['somali.txt'] })).verdict // 'care'
 */
export async function examine(
  path: string,
  options: ExamineOptions,
  control: StageControl = {},
): Promise<DoctorReport> {
  const language = checkLanguage(options.language);
  const model = openModel(path);
  const { checkpoint, tokenizer } = model;
  const settings = checkpoint?.settings;
  const taught = settings?.kind === 'teacher' ? settings.languages[0] : undefined;
  const pivotLanguage = checkLanguage(options.pivotLanguage ?? taught ?? 'en');
  const bitext = await loadBitextPairs(options.bitext ?? [], { ...options, language, pivotLanguage });
  const own = [
    ...(options.texts ?? []).map((file) => ({ file, field: 'text' })),
    ...(options.queries ?? []).map((file) => ({ file, field: options.textField ?? 'text' })),
  ];
  if (own.length === 0 && bitext === undefined)
    throw new RefractError('SETTING_INVALID', `there is no text in ${languageName(language)} to look at`, {
      hint: 'Give --text, --queries or --bitext.',
    });
  const survey = await surveyTexts(
    own.length > 0 ? textsOf(own) : bitext!.kept.map(({ target }) => target),
    'text',
    options,
    control,
  );
  const given = options.pivotTexts ?? [];
  const usual = bitext === undefined && sameLanguage(pivotLanguage, 'en') ? (options.englishTexts ?? []) : [];
  const pivotFiles = given.length > 0 ? given : usual;
  const pivotTexts =
    pivotFiles.length > 0
      ? (await surveyTexts(streamTexts(pivotFiles), 'pivot text', options, control)).sample
      : sampled(bitext?.kept ?? [], 'pairs', options).map(({ pivot }) => pivot);

  const aspects: Aspect[] = [examineModel(model, language)];
  aspects.push(examineScript(language, languageName(language), survey));
  if (tokenizer !== undefined) {
    const pairs = sampled(bitext?.kept ?? [], 'pairs', options);
    const data = { language, pivotLanguage, survey, pivotTexts, pairs };
    // What a tokenizer makes of no text is not to be called ready.
    if (survey.texts > 0) aspects.push(...(await tokenAspects(model, tokenizer, data, control)));
    const lengths = await lengthFigures(tokenizer, limitsOf(model), options, control);
    if (lengths !== undefined) aspects.push(lengths);
  }
  if (bitext !== undefined)
    aspects.push(await examineBitext({ language, pivotLanguage, ...bitext }, options, control));
  if ((options.dictionaries?.length ?? 0) > 0) {
    const read = await readDictionaries(options.dictionaries!, language);
    const input = { language, pivotLanguage, texts: survey.sample, pivotTexts, ...read };
    aspects.push(await examineDictionary(input, control));
  }
  aspects.sort((a, b) => ASPECTS.indexOf(a.name) - ASPECTS.indexOf(b.name));
  return {
    model: path,
    language,
    pivotLanguage,
    verdict: worst(aspects.map(({ verdict }) => verdict)),
    text: {
      from: own.length > 0 ? own.map(({ file }) => file).join(', ') : 'the bitext',
      texts: survey.texts,
      characters: survey.characters,
      sampled: survey.sample.length,
    },
    aspects,
  };
}

async function* textsOf(files: readonly { file: string; field: string }[]): AsyncGenerator<string> {
  for (const { file, field } of files) yield* streamTexts([file], field);
}

/** What the tokenizer, and the model's word vectors, make of the text. */
async function tokenAspects(
  { checkpoint }: OpenedModel,
  tokenizer: TextTokenizer,
  data: {
    readonly language: string;
    readonly pivotLanguage: string;
    readonly survey: TextSurvey;
    readonly pivotTexts: readonly string[];
    readonly pairs: readonly { readonly pivot: string; readonly target: string }[];
  },
  control: StageControl,
): Promise<Aspect[]> {
  const { language, pivotLanguage, survey, pivotTexts, pairs } = data;
  const name = languageName(language);
  const words = await countWordsAndTokens(survey.sample, language, tokenizer, control);
  const pivotWords =
    pivotTexts.length === 0
      ? undefined
      : await countWordsAndTokens(pivotTexts, pivotLanguage, tokenizer, control);
  const parallel = pairs.length === 0 ? undefined : await countParallelTokens(pairs, tokenizer, control);
  const fertility = {
    language: name,
    pivotLanguage: languageName(pivotLanguage),
    words,
    pivotWords,
    parallel,
  };
  const kinds = new TokenKinds(tokenizer);
  const aspects = [
    examineFertility(fertility, tokenizer, kinds),
    examineUnknown(name, survey, words, tokenizer, kinds),
    await examineNormalisation(language, name, survey.sample, words, tokenizer, kinds, control),
  ];
  const table = checkpoint?.tensors.get(WORD_TABLE);
  if (table === undefined) return aspects;
  const special = new Set(tokenizer.specials.values());
  const ids = Array.from({ length: tokenizer.vocabSize }, (_, id) => id).filter((id) => !special.has(id));
  aspects.push(
    examineWordVectors({
      language: name,
      table,
      rowOf: (id) => checkpoint?.readings?.rows[id] ?? id,
      ids,
      used: await usedTokens(survey.sample, tokenizer, control),
      pivotUsed: await usedTokens(pivotTexts, tokenizer, control),
      isTeacher: checkpoint?.settings?.kind === 'teacher',
      tokens: (some) => kinds.shown(some),
    }),
  );
  return aspects;
}

/** The limits that a model has, or would get as the base of a teacher. */
function limitsOf({ checkpoint }: OpenedModel): LengthLimits {
  if (checkpoint === undefined) return USUAL_LIMITS;
  const { settings, config } = checkpoint;
  const own =
    settings && 'retrieval' in settings ? settings.retrieval : teachBaseDefaults(checkpoint).retrieval;
  const { queryMaxTokens, passageMaxTokens } = own;
  return { queryMaxTokens, passageMaxTokens, positions: config.maxPositionEmbeddings };
}

async function lengthFigures(
  tokenizer: TextTokenizer,
  limits: LengthLimits,
  { queries = [], passages = [], textField, ...sample }: ExamineOptions,
  control: StageControl,
): Promise<Aspect | undefined> {
  const measured: { queries?: LengthFigures; passages?: LengthFigures } = {};
  if (queries.length > 0) {
    const { sample: some } = await surveyTexts(streamTexts(queries, textField), 'queries', sample, control);
    measured.queries = await measureLengths(some, limits.queryMaxTokens, tokenizer, control);
  }
  if (passages.length > 0) {
    const { sample: some } = await surveyTexts(streamTexts(passages), 'passages', sample, control);
    measured.passages = await measureLengths(some, limits.passageMaxTokens, tokenizer, control);
  }
  return queries.length + passages.length === 0 ? undefined : examineLengths(measured, limits);
}

async function readDictionaries(files: readonly string[], language: string) {
  const entries: LexiconEntry[] = [];
  let leftOut = 0;
  for (const file of files) {
    const { entries: some, skipped } = await readLexiconReport(file, language);
    for (const entry of some) entries.push(entry);
    leftOut += skipped.empty.length + skipped.columns.length;
  }
  return { files, entries, leftOut };
}
