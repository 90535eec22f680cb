/** The files of a study: whether they are there, their hashes, and their content, each read once. */
import { createHash } from 'node:crypto';
import { closeSync, existsSync, openSync, readdirSync, readSync } from 'node:fs';
import { join, relative } from 'node:path';
import { loadBitext } from '../data/bitext.ts';
import { readJudgments } from '../data/judgments.ts';
import { readLexiconReport } from '../data/lexicon.ts';
import { DIRECTION_SAMPLE, directionWarning, leftOutNote } from '../data/lexicon-notes.ts';
import { readPassages } from '../data/passages.ts';
import { readQueries } from '../data/queries.ts';
import type { Judgment, LexiconEntry, Passage, Query, SentencePair } from '../data/records.ts';
import { RefractError } from '../errors.ts';
import { readCheckpoint } from '../model/checkpoint.ts';
import type { EncoderConfig } from '../model/config.ts';
import { modelFingerprint } from '../model/fingerprint.ts';
import { isChoiceMeasure } from './choice-measure.ts';
import { namedFiles, queriesOf } from './file-names.ts';
import { readingsOf } from './reading-measures.ts';
import type { Study } from './study-schema.ts';

/** What a study must know of a teacher that it names. */
export interface GivenTeacher {
  readonly fingerprint: string;
  readonly config: EncoderConfig;
}

/** Files by their names in the study. */
export class StudyFiles {
  readonly study: Study;
  /** The folder that paths are relative to. */
  readonly root: string;
  private readonly hashes = new Map<string, string>();
  private readonly read = new Map<string, Promise<unknown>>();
  private readonly teachers = new Map<string, GivenTeacher>();
  /** Query files with answers; looked for only where a reader's answers are measured. */
  private readonly answered = new Set<string>();
  /** Query files with choices; looked for only where these are measured. */
  private readonly choosing = new Set<string>();

  /**
   * Opens the files of a study.
   *
   * @param root the folder that paths are relative to: that of the study file
   * @throws RefractError `FILE_MISSING` for the first file that is not there; `FILE_EMPTY` when a reader is to learn
   *   from training questions that have no answers, or choices are measured and no test question has any; with these,
   *   what reading the queries throws
   * @example studyMatrix(await StudyFiles.open(study, 'studies'))
   */
  static async open(study: Study, root: string): Promise<StudyFiles> {
    const files = new StudyFiles(study, root);
    if (readingsOf(study.measures).length > 0) await files.findAnswers();
    if (study.measures.some(isChoiceMeasure)) await files.findChoices();
    return files;
  }

  private constructor(study: Study, root: string) {
    this.study = study;
    this.root = root;
    for (const [key, names] of namedFiles(study))
      for (const name of names.flatMap(sides))
        if (!existsSync(this.at(name)))
          throw new RefractError('FILE_MISSING', `the study names it as ${key}, and it is not there`, {
            at: this.at(name),
            hint: 'Correct the path, which is relative to the study file, or get the data.',
          });
  }

  private async findAnswers(): Promise<void> {
    const has = async (name: string, field?: string) =>
      (await this.queries(name, field)).some(({ answers }) => answers && answers.length > 0);
    const { train, tests } = this.study;
    if (!(await has(train.queries)))
      throw new RefractError('FILE_EMPTY', 'no training question has answers for the reader to learn from', {
        at: this.at(train.queries),
        hint: 'Give questions with "answers", or leave out reader and the measures f1@ and em@.',
      });
    for (const { queries } of Object.values(tests))
      for (const named of Object.values(queries)) {
        const { file, field } = typeof named === 'string' ? { file: named } : named;
        if (await has(file, field)) this.answered.add(file);
      }
  }

  private async findChoices(): Promise<void> {
    for (const { queries } of Object.values(this.study.tests))
      for (const named of Object.values(queries)) {
        const { file, field } = typeof named === 'string' ? { file: named } : named;
        if ((await this.queries(file, field)).some(({ choices }) => choices)) this.choosing.add(file);
      }
    if (this.choosing.size === 0)
      throw new RefractError('FILE_EMPTY', 'no test question has choices for choice@gold', {
        at: this.root,
        hint: 'Give questions with "choices" and "correct", or leave the measure out.',
      });
  }

  /** Whether questions of a language have choices, and these are measured. */
  haveChoices(test: string, language: string): boolean {
    return this.choosing.has(queriesOf(this.study, test, language).file);
  }

  /** Whether a reader is to look for answers to questions of a language, which have some; `always` in any language. */
  areRead(test: string, language: string, always = false): boolean {
    const { tests = [test], languages = [language] } = this.study.reader ?? {};
    if (!tests.includes(test) || !(always || languages.includes(language))) return false;
    return this.answered.has(queriesOf(this.study, test, language).file);
  }

  /** The path of a file. */
  at(name: string): string {
    return join(this.root, name);
  }

  /** SHA-256 of the bytes of each file, in hexadecimal. */
  hash(names: readonly string[]): Record<string, string> {
    return Object.fromEntries(
      names.flatMap(sides).map((name) => {
        const known = this.hashes.get(name) ?? fileHash(this.at(name));
        this.hashes.set(name, known);
        return [name, known];
      }),
    );
  }

  /**
   * The teacher in a folder.
   *
   * @throws RefractError `TEACHER_MISMATCH` when it is a pack, and what `readCheckpoint` throws
   */
  teacher(name: string): GivenTeacher {
    const known = this.teachers.get(name);
    if (known) return known;
    const checkpoint = readCheckpoint(this.at(name));
    if (checkpoint.settings.kind === 'pack')
      throw new RefractError('TEACHER_MISMATCH', 'this is a language pack, not a teacher', {
        at: this.at(name),
        hint: 'Name the teacher that the pack was distilled from.',
      });
    const teacher = { fingerprint: modelFingerprint(checkpoint), config: checkpoint.config };
    this.teachers.set(name, teacher);
    return teacher;
  }

  /** The names of all files in a folder and those below it, in order. */
  filesIn(folder: string): string[] {
    return readdirSync(this.at(folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(folder, relative(this.at(folder), join(entry.parentPath, entry.name))))
      .sort();
  }

  passages(name: string): Promise<Passage[]> {
    return this.once(`passages ${name}`, () => readPassages(this.at(name)));
  }

  queries(name: string, field?: string): Promise<Query[]> {
    const choices = this.study.measures.some(isChoiceMeasure);
    const options = { choices, ...(field !== undefined && { textField: field }) };
    return this.once(`queries ${name} ${field}`, () => readQueries(this.at(name), options));
  }

  judgments(name: string): Promise<Judgment[]> {
    return this.once(`judgments ${name}`, () => readJudgments(this.at(name)));
  }

  /** The bitext of a language; none where the study gives none. */
  pairs(language: string, part: 'bitext' | 'devBitext' = 'bitext'): Promise<readonly SentencePair[]> {
    const names = this.study.languages[language][part] ?? [];
    return this.once(`${part} ${language}`, async () =>
      names.length === 0
        ? []
        : (
            await loadBitext(
              names.map((name) => this.at(name)),
              { language },
            )
          ).pairs,
    );
  }

  /** The dictionary of a language; none where the study gives none. */
  async dictionary(language: string): Promise<readonly LexiconEntry[]> {
    return (await this.lexicon(language)).entries;
  }

  /** What there is to say of the dictionaries of some languages: rows left out, columns that look exchanged. */
  async dictionaryNotes(languages: readonly string[]): Promise<string[]> {
    const notes: string[] = [];
    for (const language of languages) notes.push(...(await this.lexicon(language)).notes);
    return notes;
  }

  private lexicon(language: string): Promise<{ entries: LexiconEntry[]; notes: string[] }> {
    const names = this.study.languages[language].dictionary ?? [];
    return this.once(`dictionary ${language}`, async () => {
      const entries: LexiconEntry[] = [];
      const notes: string[] = [];
      const questions = names.length === 0 ? [] : await this.queries(this.study.train.queries);
      const text = questions.slice(0, DIRECTION_SAMPLE).map((question) => question.text);
      for (const name of names) {
        const read = await readLexiconReport(this.at(name), language);
        for (const entry of read.entries) entries.push(entry);
        const said = [leftOutNote(name, read), directionWarning(name, language, read.entries, text)];
        notes.push(...said.filter((note) => note !== undefined));
      }
      return { entries, notes };
    });
  }

  private once<T>(key: string, work: () => Promise<T>): Promise<T> {
    const known = this.read.get(key) as Promise<T> | undefined;
    const result = known ?? work();
    this.read.set(key, result);
    return result;
  }
}

/** SHA-256 of a file of any size. */
function fileHash(path: string): string {
  const hash = createHash('sha256');
  const block = new Uint8Array(2 ** 20);
  const file = openSync(path, 'r');
  try {
    for (let read = readSync(file, block); read > 0; read = readSync(file, block))
      hash.update(block.subarray(0, read));
  } finally {
    closeSync(file);
  }
  return hash.digest('hex');
}

/** The two files of a Moses pair `prefix.{en,sw}`; any other name by itself. */
function sides(name: string): string[] {
  const braces = /^(.*)\{([^{},]+),([^{},]+)\}(.*)$/.exec(name);
  if (!braces) return [name];
  const [, before, pivot, target, after] = braces;
  return [`${before}${pivot}${after}`, `${before}${target}${after}`];
}
