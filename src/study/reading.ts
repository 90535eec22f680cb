/** The cells with the answers that readers give to test questions. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { writeDirectoryAtomic, writeFileAtomic } from '../data/atomic.ts';
import { relevantPassages } from '../data/relevant.ts';
import { readReader } from '../model/reader-checkpoint.ts';
import { withWordsOf } from '../model/reader-words.ts';
import { SpanReader } from '../model/span-reader.ts';
import { Stage } from '../stage.ts';
import type { Cell } from './cell.ts';
import { passagesOf, queriesOf, searchedFiles } from './file-names.ts';
import { readModel, type StudyContext } from './models.ts';
import { readerCell } from './reader.ts';
import { type ReadFrom, readingsOf } from './reading-measures.ts';
import { readRunOf } from './run-files.ts';
import { querySource } from './translations.ts';

/** Who reads which questions. */
export interface Reading {
  /** Of the arm at its point. */
  readonly name: string;
  readonly group: string;
  /** Whose reader. */
  readonly seed: number;
  readonly test: string;
  readonly languages: readonly string[];
  /** Whether all of these are read, whatever languages the study names. */
  readonly always: boolean;
  /** The runs whose passages are read. */
  readonly runs: Cell;
  /** By language, the student whose words the reader gets; without one it keeps its teacher's. */
  readonly students: ReadonlyMap<string, Cell>;
  /** A cell with the questions in English already. */
  readonly translations?: Cell;
}

/** Cells with answers, by what was read; none where the study measures none there, or where questions have no answers. */
export function answerCells(context: StudyContext, reading: Reading): Map<ReadFrom, Cell> {
  const { study, files } = context;
  const { test, always } = reading;
  const languages = reading.languages.filter((language) => files.areRead(test, language, always));
  if (languages.length === 0) return new Map();
  const asked = readingsOf(study.measures);
  const read = { ...reading, languages };
  const gold = asked.includes('gold') ? answerCell(context, read, 'gold') : undefined;
  return new Map(
    asked.map((from) => [
      from,
      from === 'gold' && gold ? gold : answerCell(context, read, from, context.readAll ? undefined : gold),
    ]),
  );
}

/** @param gold the same reader's answers from the judged passages: where these were retrieved, they are not read again */
function answerCell(context: StudyContext, reading: Reading, from: ReadFrom, gold?: Cell): Cell {
  const { study, files, table } = context;
  const { name, group, seed, test, languages, students, translations } = reading;
  const reader = readerCell(context, seed);
  const runs = from === 'gold' ? undefined : reading.runs;
  const source = querySource(context, test, languages, translations);
  const own = languages.flatMap((language) => [
    passagesOf(study, test, language).file,
    queriesOf(study, test, language).file,
  ]);
  const judgments = from === 'gold' || gold ? [study.tests[test].judgments] : [];
  return table.add({
    name: `answers-${from}-${runs ? runs.name.replace(/^runs-/, '') : `${name}-${test}`}`,
    kind: 'answers',
    group: `answers ${from} ${group} ${test}`,
    settings: {
      ...{ from, test },
      files: searchedFiles(study, test, languages),
      words: Object.fromEntries([...students].map(([language, { identity }]) => [language, identity])),
    },
    data: files.hash([...new Set([...own, ...judgments])]),
    needs: [
      ...new Set([
        reader,
        ...source.needs,
        ...(runs ? [runs] : []),
        ...(gold ? [gold] : []),
        ...students.values(),
      ]),
    ],
    async make({ folder, folderOf, control: { resume: _, ...control } }) {
      const english = readReader(folderOf(reader));
      await writeDirectoryAtomic(folder, async (inside) => {
        for (const [student, codes] of byStudent(languages, students)) {
          const place = student && folderOf(student);
          const model =
            student && place
              ? withWordsOf(english, readModel(context, seed, folderOf, student), place)
              : english;
          const spans = await SpanReader.fromCheckpoint(model, control);
          try {
            for (const language of codes) {
              const { file, field } = queriesOf(study, test, language);
              const asked = new Set(
                (await files.queries(file, field)).flatMap(({ id, answers }) => (answers?.length ? id : [])),
              );
              const questions = (await source.read(language, folderOf)).filter(({ id }) => asked.has(id));
              const passages = await passagesToRead(context, test, language, runs && folderOf(runs), from);
              const known = gold
                ? await goldAnswers(context, test, language, folderOf(gold), passages)
                : new Map<string, string | undefined>();
              const unread = questions.filter(({ id }) => !known.has(id));
              const stage = new Stage('reading passages', unread.length, 'questions', control);
              const found = await spans.answers(
                unread.map(({ id, text }) => ({ question: text, passages: passages.get(id) ?? [] })),
                { onQuestions: (done) => stage.report(done) },
              );
              stage.end();
              unread.forEach(({ id }, q) => {
                known.set(id, found[q]?.text);
              });
              const answers = questions.flatMap(({ id }) => {
                const text = known.get(id);
                return text === undefined ? [] : [[id, text]];
              });
              writeFileAtomic(
                answerFile(inside, language),
                `${JSON.stringify(Object.fromEntries(answers), null, 1)}\n`,
              );
            }
          } finally {
            await spans.close();
          }
        }
      });
      return {};
    },
  });
}

/** Answers, or that there is none, to questions whose judged passages are the ones to read: question -> text. */
async function goldAnswers(
  context: StudyContext,
  test: string,
  language: string,
  folder: string,
  passages: ReadonlyMap<string, readonly { readonly text: string }[]>,
): Promise<Map<string, string | undefined>> {
  const judged = await passagesToRead(context, test, language, undefined, 'gold');
  const answers = readAnswers(folder, language) ?? new Map<string, string>();
  const known = new Map<string, string | undefined>();
  for (const [query, texts] of passages) {
    const gold = judged.get(query);
    if (gold?.length === texts.length && texts.every(({ text }, n) => text === gold[n].text))
      known.set(query, answers.get(query));
  }
  return known;
}

/** Languages by the student whose words are read. */
function byStudent(languages: readonly string[], students: ReadonlyMap<string, Cell>) {
  const groups = new Map<Cell | undefined, string[]>();
  for (const language of languages) {
    const student = students.get(language);
    groups.set(student, [...(groups.get(student) ?? []), language]);
  }
  return groups;
}

/** By question, the passages to read: the first of the run in the folder `runs`, or those that are judged relevant. */
async function passagesToRead(
  { study, files }: StudyContext,
  test: string,
  language: string,
  runs: string | undefined,
  from: ReadFrom,
): Promise<Map<string, { readonly text: string }[]>> {
  const collection = await files.passages(passagesOf(study, test, language).file);
  const texts = new Map(collection.map(({ id, text }) => [id, text]));
  const chosen = new Map<string, string[]>();
  if (runs === undefined || from === 'gold')
    for (const [query, ids] of relevantPassages(await files.judgments(study.tests[test].judgments)))
      chosen.set(query, [...ids]);
  else
    for (const { query, passage } of await readRunOf(runs, language)) {
      const list = chosen.get(query) ?? [];
      if (list.length < from) list.push(passage);
      chosen.set(query, list);
    }
  return new Map(
    [...chosen].map(([query, ids]) => [
      query,
      ids.flatMap((id) => {
        const text = texts.get(id);
        return text === undefined ? [] : [{ text }];
      }),
    ]),
  );
}

const answersSchema = z.record(z.string(), z.string());

/**
 * The answers in the folder of an `answers` cell to the questions of a language: question -> text; undefined where these
 * were not read.
 */
export function readAnswers(folder: string, language: string): Map<string, string> | undefined {
  const file = answerFile(folder, language);
  if (!existsSync(file)) return undefined;
  return new Map(Object.entries(answersSchema.parse(JSON.parse(readFileSync(file, 'utf8')))));
}

function answerFile(folder: string, language: string): string {
  return join(folder, `${language}.json`);
}
