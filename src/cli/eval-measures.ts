/**
 * The measures that `refract eval` is asked for, and what some of them need beside runs and judgments: `answer@k` the
 * questions' answers and the passages' texts, PEER the passages' languages.
 */
import { streamPassages } from '../data/passages.ts';
import type { Judgment, Passage, Query } from '../data/records.ts';
import { nearest, RefractError } from '../errors.ts';
import { answerDepth, answerMeasures } from '../eval/answers/answer-measure.ts';
import type { AskedMeasure } from '../eval/evaluate.ts';
import { MEASURE_FAMILIES, MEASURE_FORMS, parseMeasure } from '../eval/measure.ts';
import { type PeerName, parsePeer, peerMeasure } from '../eval/peer-measure.ts';
import type { RankedRun } from '../eval/ranking.ts';
import type { CommandIo } from './io.ts';

/** How the measures of the command are written, for help texts. */
export const EVAL_FORMS: readonly string[] = [...MEASURE_FORMS, 'answer@k', 'PEER[(grade=weight,...)][@k]'];

/** Language of passages that do not say theirs. */
const UNSAID = 'en';

/** A measure by its name: one of grades, of answers, or of languages. */
export interface EvalMeasure {
  readonly name: string;
  /** The k of `answer@k`. */
  readonly depth?: number;
  readonly peer?: PeerName;
}

/** A file of passages, and the language of those in it that do not say theirs. */
export interface PassageFile {
  readonly file: string;
  readonly language?: string;
}

/** What measures of one language, or of all, are made for. */
export interface MeasuredPart {
  readonly judgments: readonly Judgment[];
  readonly runs: readonly RankedRun[];
  readonly queries?: readonly Query[];
  /** Where the queries come from, and their language where there are several; for messages. */
  readonly at?: string;
  readonly language?: string;
  readonly passages: readonly PassageFile[];
}

/**
 * The measures of some names, each once.
 *
 * @throws RefractError `SETTING_UNKNOWN`, `SETTING_INVALID`
 */
export function askedMeasures(names: readonly string[]): EvalMeasure[] {
  const asked = new Map<string, EvalMeasure>();
  for (const name of names) {
    const measure = askedMeasure(name);
    asked.set(measure.name, measure);
  }
  return [...asked.values()];
}

function askedMeasure(text: string): EvalMeasure {
  const depth = answerDepth(text);
  if (depth !== undefined) return { name: `answer@${depth}`, depth };
  const peer = parsePeer(text);
  if (peer) return { name: peer.name, peer };
  try {
    return { name: parseMeasure(text).name };
  } catch (error) {
    if (!(error instanceof RefractError) || error.code !== 'SETTING_UNKNOWN') throw error;
    const families = MEASURE_FAMILIES.flatMap(({ name, aliases }) => [name, ...aliases]);
    const near = nearest(text.trim().split(/[@(]/)[0], ['answer', 'PEER', ...families]);
    throw new RefractError(error.code, error.what, {
      hint: `${near === undefined ? '' : `Did you mean ${near}? `}Measures: ${EVAL_FORMS.join(', ')}, and those of trec_eval.`,
    });
  }
}

/**
 * Refuses measures whose files are not given, and files that no measure reads.
 *
 * @throws RefractError `SETTING_INVALID`
 */
export function checkMaterial(
  asked: readonly EvalMeasure[],
  given: { readonly passages?: unknown; readonly queries?: unknown },
): void {
  const needy = asked.find(({ depth, peer }) => depth !== undefined || peer);
  if (needy === undefined) {
    if (given.passages === undefined) return;
    throw new RefractError('SETTING_INVALID', '--passages means nothing for these measures', {
      hint: 'Ask for answer@k or PEER@k with -m, or leave it out.',
    });
  }
  const answering = asked.find(({ depth }) => depth !== undefined);
  const missing = [
    ...(given.passages === undefined
      ? [`--passages, the collection${answering ? ' of the runs' : ' with "lang" for each passage'}`]
      : []),
    ...(answering && given.queries === undefined ? ['--queries, the questions with their "answers"'] : []),
  ];
  if (missing.length === 0) return;
  throw new RefractError('SETTING_INVALID', `${(answering ?? needy).name} needs ${missing.join(', and ')}`, {
    hint: 'Add what is missing, such as --passages corpus.jsonl --queries questions.jsonl.',
  });
}

/**
 * The measures, made for some judgments and runs. Of the collection only the passages that are looked at are kept:
 * the first k that were returned, or those that are judged.
 *
 * Errors: those of `streamPassages`; `DUPLICATE_ID` (a passage in two files), `FILE_EMPTY` (no judged query has
 * answers), `UNKNOWN_ID` and `SETTING_INVALID` as `peerMeasure` throws them.
 */
export async function measuresFor(
  asked: readonly EvalMeasure[],
  part: MeasuredPart,
  note: CommandIo['err'],
): Promise<AskedMeasure[]> {
  const depths = asked.flatMap(({ depth }) => depth ?? []);
  const peers = asked.flatMap(({ peer }) => peer ?? []);
  if (depths.length + peers.length === 0) return asked.map(({ name }) => name);
  const answers = depths.length > 0 ? judgedAnswers(part, note) : new Map<string, readonly string[]>();
  const wanted = new Set(peers.length > 0 ? part.judgments.map(({ passage }) => passage) : []);
  for (const run of part.runs)
    for (const query of answers.keys())
      for (const id of run.passages(query, Math.max(...depths))) wanted.add(id);
  const passages = await readWanted(part.passages, wanted);
  const languages = new Map(
    [...passages].flatMap(([id, { language }]) => (language === undefined ? [] : [[id, language] as const])),
  );
  const made = new Map<string, AskedMeasure>(
    [
      ...answerMeasures(depths, { answers, passages, language: UNSAID }),
      ...peers.map((peer) => peerMeasure(peer, part.judgments, languages)),
    ].map((measure) => [measure.name, measure]),
  );
  return asked.map(({ name }) => made.get(name) ?? name);
}

/** The answers of the judged queries that have some. */
function judgedAnswers(
  { judgments, queries = [], at = '--queries', language }: MeasuredPart,
  note: CommandIo['err'],
) {
  const judged = new Set(judgments.map(({ query }) => query));
  const asked = queries.filter(({ id }) => judged.has(id));
  const answers = new Map(
    asked.flatMap(({ id, answers }) => (answers?.length ? [[id, answers] as const] : [])),
  );
  const where = language === undefined ? '' : ` in ${language}`;
  if (answers.size === 0)
    throw new RefractError('FILE_EMPTY', `no judged query${where} has answers`, {
      at,
      hint: 'Give questions as JSON lines with "answers": ["..."], or leave answer@k out.',
    });
  if (answers.size < asked.length)
    note(
      `${asked.length - answers.size} of ${asked.length} queries${where} have no answers; answer@k leaves them out\n`,
    );
  return answers;
}

async function readWanted(files: readonly PassageFile[], wanted: ReadonlySet<string>) {
  const passages = new Map<string, Pick<Passage, 'text' | 'language'>>();
  for (const { file, language: said } of files)
    for await (const { id, text, language = said } of streamPassages(file)) {
      if (!wanted.has(id)) continue;
      if (passages.has(id))
        throw new RefractError('DUPLICATE_ID', `passage id "${id}" is in an earlier file too`, {
          at: file,
          hint: 'Ids are unique over all files of the collection; with runs by language give sw=a.jsonl,de=b.jsonl.',
        });
      passages.set(id, { text, language });
    }
  return passages;
}
