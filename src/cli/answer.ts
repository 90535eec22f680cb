/** `refract answer`: answers from a reader, in given or in retrieved passages. */
import { writeFileAtomic } from '../data/atomic.ts';
import { readPassages } from '../data/passages.ts';
import { readQueries } from '../data/queries.ts';
import { readRun } from '../data/runs.ts';
import { RefractError } from '../errors.ts';
import { readCheckpoint } from '../model/checkpoint.ts';
import { readReader } from '../model/reader-checkpoint.ts';
import { withWordsOf } from '../model/reader-words.ts';
import { type ReadQuestion, SpanReader } from '../model/span-reader.ts';
import { Stage } from '../stage.ts';
import { type DeviceArguments, deviceFallbackOption, deviceOf, deviceOption } from './device.ts';
import type { CommandIo, CommandRegistration } from './io.ts';
import { localFolders } from './model-folder.ts';
import { example, notesOf, progressOf, quietOption, threadsOption, wholeNumber } from './options.ts';
import { type ExampleFiles, examplesFrom } from './reader-examples.ts';

interface AnswerArguments extends ExampleFiles, DeviceArguments {
  readonly reader: string;
  readonly pack?: string;
  readonly teacher?: string;
  readonly run?: string;
  readonly top: number;
  readonly retrievalWeight: number;
  readonly out: string;
  readonly threads?: number;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

interface NamedQuestion extends ReadQuestion {
  readonly id: string;
  readonly ids: readonly string[];
}

/** Adds `refract answer`. */
export const answerCommand: CommandRegistration = (program, io) => {
  program
    .command('answer')
    .description('answer questions with a reader, in given or in retrieved passages')
    .requiredOption('--reader <model>', 'the reader, or any model for question answering of a known family')
    .option('--pack <model>', 'language pack of its teacher, to ask in the languages of the pack')
    .option('--teacher <model>', 'the teacher of a pack that is saved as a difference from it')
    .requiredOption('--out <file>', 'predictions: one JSON object from question id to text')
    .option('--examples <file>', 'questions with their context, as train-reader reads them')
    .option('--passages <file>', 'instead: the collection, ...')
    .option('--queries <file>', '... questions, ...')
    .option('--qrels <file>', '... and judgments, for the gold passages,')
    .option('--run <file>', '... or a run, for retrieved passages')
    .option('-k, --top <count>', 'passages of the run to read for a question', wholeNumber('--top'), 1)
    .option('--retrieval-weight <number>', 'how much of the score of the run is added', weight, 0)
    .addOption(deviceOption())
    .addOption(deviceFallbackOption())
    .addOption(threadsOption())
    .option('--json', 'print answers with passage, place and score as JSON')
    .addOption(quietOption())
    .addHelpText(
      'after',
      example(`
        refract answer --reader models/reader --examples test-context-en-question-en.json --out gold-passages.json
        refract answer --reader models/reader --pack packs/hi --passages corpus.jsonl --queries queries.hi.jsonl --run hi.run --top 5 --out retrieved.json
        refract qa-eval --rules mlqa --language en test-context-en-question-en.json gold-passages.json`),
    )
    .action((given: AnswerArguments) => answer(given, io));
};

function weight(text: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (Number.isFinite(value) && value >= 0) return value;
  throw new RefractError('SETTING_INVALID', `--retrieval-weight "${text}" is not a number of at least 0`, {
    hint: 'Write for example --retrieval-weight 0.1; choose it on dev questions.',
  });
}

async function answer(given: AnswerArguments, io: CommandIo): Promise<void> {
  const { reader: at, pack, teacher } = given;
  const reader = readerOf(await localFolders({ reader: at, pack, teacher }, io, given));
  const questions = given.run === undefined ? await inGold(given) : await inRetrieved(given, given.run, io);
  const stage = new Stage('reading passages', questions.length, 'questions', {
    progress: progressOf(io, given.quiet),
    signal: io.signal,
  });
  const { threads, retrievalWeight, out } = given;
  const device = await deviceOf(given, io);
  const spans = await SpanReader.fromCheckpoint(reader, { device, threads });
  try {
    const answers = await spans.answers(questions, { retrievalWeight, onQuestions: (n) => stage.report(n) });
    stage.end();
    const predictions = Object.fromEntries(questions.map(({ id }, i) => [id, answers[i]?.text ?? '']));
    writeFileAtomic(out, `${JSON.stringify(predictions, null, 1)}\n`);
    const without = answers.filter((found) => found === undefined).length;
    if (given.json === true) {
      const found = questions.map(({ id, ids }, i) => {
        const each = answers[i];
        return each === undefined ? { id, text: '' } : { id, ...each, passage: ids[each.passage] };
      });
      io.out(`${JSON.stringify({ out, questions: questions.length, without, answers: found }, null, 2)}\n`);
    } else io.out(`${out}: answers to ${questions.length - without} of ${questions.length} questions\n`);
    if (given.quiet !== true && without > 0)
      io.err(`${without} questions without a passage to read: their answer is empty\n`);
  } finally {
    await spans.close();
  }
}

function readerOf({ reader, pack, teacher }: Pick<AnswerArguments, 'reader' | 'pack' | 'teacher'>) {
  const read = readReader(reader);
  if (pack === undefined) return read;
  const source = teacher === undefined ? undefined : () => readCheckpoint(teacher);
  return withWordsOf(read, readCheckpoint(pack, { teacher: source }), pack);
}

/** Questions with their own context, or with all passages that are judged relevant. */
async function inGold(given: AnswerArguments): Promise<NamedQuestion[]> {
  const questions = new Map<string, { question: string; texts: string[]; ids: string[] }>();
  for (const { id, question, context, passage } of await examplesFrom(given)) {
    const entry = questions.get(id) ?? { question, texts: [], ids: [] };
    entry.texts.push(context);
    entry.ids.push(passage);
    questions.set(id, entry);
  }
  return [...questions].map(([id, { question, texts, ids }]) => ({
    id,
    question,
    ids,
    passages: texts.map((text) => ({ text })),
  }));
}

/** Questions with the first passages of a run. */
async function inRetrieved(given: AnswerArguments, run: string, io: CommandIo): Promise<NamedQuestion[]> {
  const { examples, qrels, passages, queries } = given;
  if (examples !== undefined || qrels !== undefined || passages === undefined || queries === undefined)
    throw new RefractError(
      'SETTING_INVALID',
      'with --run give --passages and --queries, and nothing else to read',
      {
        hint: 'For the gold passages leave --run out.',
      },
    );
  const texts = new Map((await readPassages(passages)).map(({ id, text }) => [id, text]));
  const found = new Map<string, { id: string; text: string; score: number }[]>();
  for (const { query, passage, score } of await readRun(run, notesOf(io, given.quiet))) {
    const text = texts.get(passage);
    if (text === undefined)
      throw new RefractError('UNKNOWN_ID', `the run names passage "${passage}", which ${passages} has not`, {
        at: run,
        hint: 'Give the collection that the run was made from.',
      });
    const some = found.get(query) ?? [];
    if (some.length < given.top) some.push({ id: passage, text, score });
    found.set(query, some);
  }
  const asked = await readQueries(queries);
  if (!asked.some(({ id }) => found.has(id)))
    throw new RefractError('UNKNOWN_ID', 'no query of the run is among the queries', {
      at: run,
      hint: `Give the run that was made for ${queries}.`,
    });
  return asked.map(({ id, text }) => {
    const list = found.get(id) ?? [];
    return { id, question: text, passages: list, ids: list.map((each) => each.id) };
  });
}
