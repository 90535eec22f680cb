/** `refract choose`: multiple choice with a retriever, against the judged passages or the first of a run. */
import { writePiecesAtomic } from '../data/atomic.ts';
import { readJudgments } from '../data/judgments.ts';
import { readQueries } from '../data/queries.ts';
import { relevantPassages } from '../data/relevant.ts';
import { readRun } from '../data/runs.ts';
import { RefractError } from '../errors.ts';
import { choiceCredit } from '../eval/answers/choices.ts';
import { bootstrapInterval } from '../eval/significance.ts';
import { isCut, scoreChoices } from '../search/choices.ts';
import { openSearcher } from '../search/open-searcher.ts';
import type { Searcher, SearcherOptions } from '../search/searcher.ts';
import { type DeviceArguments, deviceFallbackOption, deviceOf, deviceOption, fallbackOf } from './device.ts';
import type { CommandIo, CommandRegistration } from './io.ts';
import { localFolders } from './model-folder.ts';
import { example, notesOf, progressOf, quietOption, threadsOption } from './options.ts';

interface ChooseArguments extends Omit<SearcherOptions, 'device'>, DeviceArguments {
  readonly index: string;
  readonly queries: string;
  readonly qrels?: string;
  readonly run?: string;
  readonly out: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** A question with choices, and the ids of the passages that these are held against. */
interface Question {
  readonly id: string;
  readonly text: string;
  readonly choices: readonly string[];
  readonly correct: number;
  readonly passages: readonly string[];
}

/** Adds `refract choose`. */
export const chooseCommand: CommandRegistration = (program, io) => {
  program
    .command('choose')
    .description('answer multiple-choice questions with a retriever: the choice that a passage meets best')
    .requiredOption('--index <folder>', 'the index, as refract index wrote it')
    .option('--pack <model>', 'language pack that encodes the questions (default: the teacher of the index)')
    .option('--teacher <model>', 'where the teacher lies, when the index holds no copy and it has moved')
    .requiredOption('--queries <file>', 'questions as JSON lines with "choices" and "correct", from 0')
    .option('--qrels <file>', 'judgments: choices are held against the relevant passages')
    .option('--run <file>', 'instead: against the first passage of a run')
    .requiredOption('--out <file>', 'predictions: a JSON line for each question')
    .addOption(deviceOption())
    .addOption(deviceFallbackOption())
    .addOption(threadsOption())
    .option('--json', 'print the result as JSON')
    .addOption(quietOption())
    .addHelpText(
      'after',
      example(`
        refract choose --index index --queries belebele.en.jsonl --qrels qrels.txt --out choices.jsonl
        refract choose --index index --pack packs/sw --queries belebele.sw.jsonl --run sw.run --out choices.jsonl`),
    )
    .action((given: ChooseArguments) => choose(given, io));
};

async function choose(given: ChooseArguments, io: CommandIo): Promise<void> {
  const { index, queries, threads, out, quiet } = given;
  const note = notesOf(io, quiet);
  const questions = await readQuestions(queries, await passagesByQuestion(given, note), given, note);
  const { pack, teacher } = await localFolders({ pack: given.pack, teacher: given.teacher }, io, given);
  const device = await deviceOf(given, io);
  const searcher = await openSearcher(index, {
    pack,
    teacher,
    device,
    threads,
    fallback: fallbackOf(given, io),
  });
  let scores: number[][];
  try {
    const asked = questions.map((question) => ({
      ...question,
      passages: vectorsOf(searcher, question, given),
    }));
    const cut = questions.filter((question) => isCut(searcher.encoder.maker, question)).length;
    if (cut > 0)
      note(`${cut} of ${questions.length} questions are longer with a choice than the encoder reads; cut`);
    scores = await scoreChoices(asked, searcher.index.dim, (texts) => searcher.encoder.queries(texts), {
      progress: progressOf(io, quiet),
      signal: io.signal,
    });
  } finally {
    await searcher.close();
  }
  const credits = questions.map(({ correct }, q) => choiceCredit({ scores: scores[q], correct }));
  writePiecesAtomic(
    out,
    questions.map(({ id, choices, correct }, q) => {
      const choice = scores[q].indexOf(Math.max(...scores[q]));
      const line = { id, choice, text: choices[choice], correct, credit: credits[q], scores: scores[q] };
      return `${JSON.stringify(line)}\n`;
    }),
  );
  // Questions about one passage rise and fall together.
  const clusters = questions.map(({ id, passages }) => passages.join(' ') || id);
  const { mean: accuracy, low, high } = bootstrapInterval(credits, { clusters });
  const chance = questions.reduce((sum, { choices }) => sum + 1 / choices.length, 0) / questions.length;
  const shown = (value: number) => value.toFixed(3);
  io.out(
    given.json === true
      ? `${JSON.stringify({ out, questions: questions.length, accuracy, low, high, chance }, null, 2)}\n`
      : `${out}: accuracy ${shown(accuracy)} [${shown(low)}, ${shown(high)}] over ${questions.length} questions; chance ${shown(chance)}\n`,
  );
}

/** Ids of the passages of each question: all relevant ones, or the first of the run. */
async function passagesByQuestion(
  { qrels, run }: ChooseArguments,
  note: (sentence: string) => void,
): Promise<ReadonlyMap<string, readonly string[]>> {
  if (qrels !== undefined && run === undefined)
    return new Map([...relevantPassages(await readJudgments(qrels))].map(([id, ids]) => [id, [...ids]]));
  if (run === undefined || qrels !== undefined)
    throw new RefractError(
      'SETTING_INVALID',
      run === undefined
        ? 'neither --qrels nor --run says which passages'
        : '--qrels and --run were both given',
      { hint: 'Give --qrels for the judged passages, or --run for the first passage of a run.' },
    );
  const first = new Map<string, readonly string[]>();
  const entries = await readRun(run, note);
  for (const { query, passage } of entries) if (!first.has(query)) first.set(query, [passage]);
  return first;
}

/** The questions with choices: without those that have no judged passage, with those that a run is silent on. */
async function readQuestions(
  path: string,
  passages: ReadonlyMap<string, readonly string[]>,
  { run, qrels }: ChooseArguments,
  note: (sentence: string) => void,
): Promise<Question[]> {
  const queries = await readQueries(path, { choices: true });
  const asked = queries.flatMap(({ id, text, choices, correct }) =>
    choices && correct !== undefined
      ? [{ id, text, choices, correct, passages: passages.get(id) ?? [] }]
      : [],
  );
  if (asked.length === 0)
    throw new RefractError('FILE_EMPTY', 'no question has choices', {
      at: path,
      hint: 'Give JSON lines with "choices": ["...", "..."] and "correct": 0, as Belebele has them.',
    });
  const found = asked.filter((question) => question.passages.length > 0);
  if (found.length === 0)
    throw new RefractError('UNKNOWN_ID', `no question of ${path} has a passage there`, {
      at: qrels ?? run,
      hint: 'Check that questions and judgments or run belong together.',
    });
  if (asked.length < queries.length)
    note(`${queries.length - asked.length} of ${queries.length} questions have no choices; left out`);
  const silent = asked.length - found.length;
  if (silent > 0)
    note(
      `${silent} of ${asked.length} questions have no passage; ${run === undefined ? 'left out' : 'counted as guesses'}`,
    );
  return run === undefined ? found : asked;
}

function vectorsOf(
  { index }: Searcher,
  { id, passages }: Question,
  { qrels, run, index: folder }: ChooseArguments,
): Float32Array[] {
  return passages.map((passage) => {
    const ordinal = index.ordinal(passage);
    if (ordinal !== undefined) return index.vectors(ordinal);
    throw new RefractError('UNKNOWN_ID', `passage "${passage}" of question "${id}" is not in ${folder}`, {
      at: qrels ?? run,
      hint: 'Give the index of the collection that they belong to.',
    });
  });
}
