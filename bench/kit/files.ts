/** The files of the experiment kit: which a stage is made from, their content, and their hashes. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadBitext } from '../../src/data/bitext.ts';
import { readJudgments } from '../../src/data/judgments.ts';
import { readLexicon } from '../../src/data/lexicon.ts';
import { readPassages } from '../../src/data/passages.ts';
import { readQueries } from '../../src/data/queries.ts';
import type { Judgment, Passage, Query, SentencePair } from '../../src/data/records.ts';
import type { DistillInput } from '../../src/train/distill.ts';
import type { TeachData } from '../../src/train/teach.ts';
import { LANGUAGES, type Language, SEARCHES, type Search } from './plan.ts';

const QUESTIONS = 'train/teacher/queries.train.jsonl';
const bitextFile = (language: Language, part: 'train' | 'dev') => `train/bitext/en-${language}.${part}.tsv`;
const dictionaryFile = (language: Language) => `train/dict/en-${language}.tsv`;
const corpusFile = (set: string) => `test/${set}/corpus.en.jsonl`;
const queriesFile = ({ set, queries }: Search) => `test/${set}/queries.${queries}.jsonl`;

/** What a teacher is made from; the tokenizer learns from the bitext, too. */
export const TEACHER_FILES: readonly string[] = [
  'train/teacher/passages.jsonl',
  QUESTIONS,
  'train/teacher/qrels.train.txt',
  'train/teacher/queries.dev.jsonl',
  'train/teacher/qrels.dev.txt',
  ...LANGUAGES.flatMap((language) => [bitextFile(language, 'train'), dictionaryFile(language)]),
];

/** What a language's head start and pack are made from, beside the teacher. */
export function packFiles(language: Language): string[] {
  return [bitextFile(language, 'train'), bitextFile(language, 'dev'), dictionaryFile(language), QUESTIONS];
}

/** What searches read. */
export const SEARCH_FILES: readonly string[] = [
  ...new Set(SEARCHES.flatMap((search) => [corpusFile(search.set), queriesFile(search)])),
];

/** The kit in folder `root`; what has been read is kept. */
export class KitFiles {
  private readonly root: string;
  private readonly hashes = new Map<string, string>();
  private readonly bitexts = new Map<Language, Promise<DistillInput>>();
  private teacher?: Promise<TeachData>;

  constructor(root: string) {
    this.root = root;
  }

  /** SHA-256 of the bytes of each file, in hexadecimal. */
  hash(files: readonly string[]): Record<string, string> {
    return Object.fromEntries(
      files.map((file) => {
        const known = this.hashes.get(file);
        const hash =
          known ??
          createHash('sha256')
            .update(readFileSync(this.at(file)))
            .digest('hex');
        this.hashes.set(file, hash);
        return [file, hash];
      }),
    );
  }

  /** The files of `TEACHER_FILES`. */
  teacherData(): Promise<TeachData> {
    this.teacher ??= this.readTeacherData();
    return this.teacher;
  }

  /** The files of `packFiles`. */
  packData(language: Language): Promise<DistillInput> {
    const input = this.bitexts.get(language) ?? this.readPackData(language);
    this.bitexts.set(language, input);
    return input;
  }

  passages(set: string): Promise<Passage[]> {
    return readPassages(this.at(corpusFile(set)));
  }

  queries(search: Search): Promise<Query[]> {
    return readQueries(this.at(queriesFile(search)), search.field ? { textField: search.field } : {});
  }

  /** The judgments of a search's own queries: those of a set are for all of its languages. */
  async judgments(search: Search): Promise<Judgment[]> {
    const known = new Set((await this.queries(search)).map(({ id }) => id));
    const all: Judgment[] = await readJudgments(this.at(`test/${search.set}/qrels.txt`));
    return all.filter(({ query }) => known.has(query));
  }

  private at(file: string): string {
    return join(this.root, file);
  }

  private async readTeacherData(): Promise<TeachData> {
    const [passages, questions, judgments, devQuestions, devJudgments] = TEACHER_FILES.map((f) => this.at(f));
    const extraText: string[] = [];
    for (const language of LANGUAGES) {
      const pairs = [...(await this.pairs(language, 'train')), ...(await this.dictionary(language))];
      for (const { target } of pairs) extraText.push(target);
    }
    return {
      passages: await readPassages(passages),
      queries: await readQueries(questions),
      judgments: await readJudgments(judgments),
      dev: { queries: await readQueries(devQuestions), judgments: await readJudgments(devJudgments) },
      extraText,
    };
  }

  private async readPackData(language: Language): Promise<DistillInput> {
    const questions = await readQueries(this.at(QUESTIONS));
    return {
      pairs: await this.pairs(language, 'train'),
      dev: await this.pairs(language, 'dev'),
      dictionaries: new Map([[language, await this.dictionary(language)]]),
      anchors: questions.map(({ text }) => text),
    };
  }

  private async pairs(language: Language, part: 'train' | 'dev'): Promise<readonly SentencePair[]> {
    return (await loadBitext([this.at(bitextFile(language, part))], { language })).pairs;
  }

  private dictionary(language: Language): Promise<readonly SentencePair[]> {
    return readLexicon(this.at(dictionaryFile(language)), language);
  }
}
