/** The cells that make models and what models need: teachers, indexes, students, mean vectors. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { writeDirectoryAtomic, writeFileAtomic } from '../data/atomic.ts';
import type { LexiconEntry } from '../data/records.ts';
import { type RetrieverCheckpoint, readCheckpoint, writeCheckpoint } from '../model/checkpoint.ts';
import { Encoder, type TextVectors } from '../model/encoder.ts';
import { RandomStream } from '../random.ts';
import { indexPassages } from '../search/index-passages.ts';
import type { AlignmentMemory } from '../train/alignment.ts';
import { distill } from '../train/distill.ts';
import { distillDefaults, distillSchema } from '../train/distill-settings.ts';
import type { TrainingReport } from '../train/loop.ts';
import { teach } from '../train/teach.ts';
import { teachDefaults, teachSchema } from '../train/teach-settings.ts';
import type { Cell, CellTable } from './cell.ts';
import type { CellResult } from './cell-result.ts';
import { languageFiles } from './file-names.ts';
import { meanVector } from './mean-shift.ts';
import { settingsOver } from './overrides.ts';
import type { StudyFiles } from './study-files.ts';
import { languagesOfStudy } from './study-languages.ts';
import type { ArmSettings, Study } from './study-schema.ts';

/** What arms are made with. */
export interface StudyContext {
  readonly study: Study;
  readonly files: StudyFiles;
  readonly table: CellTable;
  readonly passageVectors: PassageVectors;
  /** What the last pack has aligned. */
  readonly alignment: AlignmentMemory;
  /** Whether judged passages are read again where they were retrieved. */
  readonly readAll: boolean;
}

/** The vectors of training passages by the last teacher that was asked for: its students share them. */
export class PassageVectors {
  private teacher?: string;
  private vectors = new Map<string, TextVectors>();

  /** Those of a teacher by its cell's name, by the passages' texts; students add to them. */
  of(teacher: string): Map<string, TextVectors> {
    if (teacher !== this.teacher) this.vectors = new Map();
    this.teacher = teacher;
    return this.vectors;
  }
}

/** One combination of what is varied. */
export interface Point {
  readonly seed: number;
  readonly rho?: number;
  readonly design?: 'natural' | 'matched';
}

type Optical = Extract<ArmSettings, { kind: 'optical' }>;

/** The teacher of a seed: trained, or a copy of a folder that the study names. */
export function teacherCell({ study, files, table }: StudyContext, seed: number): Cell {
  const { teacher, train } = study;
  if (!('size' in teacher)) {
    const name = 'folder' in teacher ? teacher.folder : teacher.folders[seed];
    return table.add({
      name: 'folder' in teacher ? 'teacher' : `teacher-${seed}`,
      kind: 'teacher',
      group: 'teacher',
      settings: { fingerprint: files.teacher(name).fingerprint },
      data: {},
      needs: [],
      async make({ folder }) {
        await writeCheckpoint(folder, readCheckpoint(files.at(name)));
        return {};
      },
    });
  }
  const settings = settingsOver(teachSchema, { ...teachDefaults(teacher.size), seed }, teacher.settings);
  const codes = languagesOfStudy(study).trained;
  return table.add({
    name: `teacher-${seed}`,
    kind: 'teacher',
    group: 'teacher',
    settings,
    data: files.hash([
      ...[train.passages, train.queries, train.judgments],
      ...(train.dev ? [train.dev.queries, train.dev.judgments] : []),
      ...codes.flatMap((code) => {
        const { bitext = [], dictionary = [] } = study.languages[code];
        return [...bitext, ...dictionary];
      }),
    ]),
    needs: [],
    training: settings.train,
    async make({ folder, control }) {
      // The tokenizer must know the words of the languages to come.
      const extraText: string[] = [];
      for (const code of codes)
        for (const { target } of [...(await files.pairs(code)), ...(await files.dictionary(code))])
          extraText.push(target);
      const data = {
        passages: await files.passages(train.passages),
        queries: await files.queries(train.queries),
        judgments: await files.judgments(train.judgments),
        dev: train.dev && {
          queries: await files.queries(train.dev.queries),
          judgments: await files.judgments(train.dev.judgments),
        },
        extraText,
      };
      return trained((await teach(data, settings, folder, control)).report);
    },
  });
}

/** The index of English passages of a test set by the teacher of a seed. */
export function indexCell(context: StudyContext, seed: number, test: string, passages: string): Cell {
  const { files, table } = context;
  const teacher = teacherCell(context, seed);
  return table.add({
    name: `index-${test}-${seed}`,
    kind: 'index',
    group: `index ${test}`,
    settings: { precision: 'float16' },
    data: files.hash([passages]),
    needs: [teacher],
    async make({ folder, folderOf, control: { resume: _, ...control } }) {
      await indexPassages(folderOf(teacher), files.at(passages), folder, {
        ...control,
        precision: 'float16',
        // As its students are trained and measured: on what the teacher reads of a passage.
        long: { overlap: 0, truncate: true },
        copyTeacher: false,
        overwrite: true,
      });
      return {};
    },
  });
}

/** An OPTICAL pack of an arm for `languages`. */
export function opticalCell(
  context: StudyContext,
  arm: string,
  optical: Optical,
  seed: number,
  languages: readonly string[],
): Cell {
  const { study, files, table } = context;
  const teacher = teacherCell(context, seed);
  const settings = settingsOver(distillSchema, { ...distillDefaults(), seed }, optical.settings);
  const own = languages.map((code) => study.languages[code]);
  return table.add({
    name: ['pack', arm, ...(optical.packs === 'each' ? languages : []), seed].join('-'),
    kind: 'student',
    group: `pack ${arm}${optical.packs === 'each' ? ` ${languages[0]}` : ''}`,
    settings: {
      ...{ settings, languages },
      files: languageFiles(study, languages, ['bitext', 'devBitext', 'dictionary']),
    },
    data: files.hash([
      ...own.flatMap(({ bitext, devBitext, dictionary }) =>
        [bitext, devBitext, dictionary].flatMap((f) => f ?? []),
      ),
      study.train.queries,
    ]),
    needs: [teacher],
    training: settings.train,
    async make({ folder, folderOf, control }) {
      const pairs = await inOrder(languages, (code) => files.pairs(code));
      const dev = await inOrder(languages, (code) => files.pairs(code, 'devBitext'));
      const dictionaries = new Map<string, readonly LexiconEntry[]>();
      for (const code of languages)
        if (study.languages[code].dictionary) dictionaries.set(code, await files.dictionary(code));
      const anchors = (await files.queries(study.train.queries)).map(({ text }) => text);
      const { alignment: memory } = context;
      const input = { pairs, dictionaries, anchors, memory, dev: dev.length > 0 ? dev : undefined };
      const made = await distill(readCheckpoint(folderOf(teacher)), input, settings, folder, control);
      const warnings = [...made.warnings, ...(await files.dictionaryNotes(languages))];
      return { ...trained(made.report), warnings };
    },
  });
}

/** The pack of the arm `from`, which another arm's students start from; none without it. */
export function startCell(context: StudyContext, from: string | undefined, seed: number): Cell | undefined {
  const { study } = context;
  const first = from === undefined ? undefined : study.arms[from];
  if (from === undefined || first?.kind !== 'optical') return undefined;
  return opticalCell(context, from, first, seed, languagesOfStudy(study).trained);
}

const shiftSchema = z.object({ english: z.array(z.number()), language: z.array(z.number()) });
/** The file of a `shift` cell. */
const SHIFT_FILE = 'means.json';

/** Mean token vectors of a language's bitext, both sides, by the teacher. */
export function shiftCell(context: StudyContext, sentences: number, seed: number, language: string): Cell {
  const { study, files, table } = context;
  const teacher = teacherCell(context, seed);
  return table.add({
    name: `shift-${language}-${sentences}-${seed}`,
    kind: 'shift',
    group: `shift ${language}`,
    settings: { sentences, seed, language },
    data: files.hash(study.languages[language].bitext ?? []),
    needs: [teacher],
    async make({ folder, folderOf, control }) {
      const pairs = [...(await files.pairs(language))];
      const drawn = new RandomStream(seed, `study/shift/${language}`).shuffle(pairs).slice(0, sentences);
      const encoder = await Encoder.fromCheckpoint(readCheckpoint(folderOf(teacher)), control);
      try {
        const mean = async (side: 'pivot' | 'target') => [
          ...meanVector(await encoder.queries(drawn.map((pair) => pair[side])), encoder.dim),
        ];
        const means = { english: await mean('pivot'), language: await mean('target') };
        await writeDirectoryAtomic(folder, async (inside) =>
          writeFileAtomic(join(inside, SHIFT_FILE), `${JSON.stringify(means)}\n`),
        );
      } finally {
        await encoder.close();
      }
      return {};
    },
  });
}

/** The mean vectors in the folder of a `shift` cell. */
export function readShift(folder: string): { english: number[]; language: number[] } {
  return shiftSchema.parse(JSON.parse(readFileSync(join(folder, SHIFT_FILE), 'utf8')));
}

/** Lists of several languages as one, in their order. */
export async function inOrder<T>(
  codes: readonly string[],
  read: (code: string) => Promise<readonly T[]>,
): Promise<T[]> {
  const lists: (readonly T[])[] = [];
  for (const code of codes) lists.push(await read(code));
  return lists.flat();
}

/** A model of a study, from its cell; a pack may be a difference from the teacher of its seed. */
export function readModel(
  context: StudyContext,
  seed: number,
  folderOf: (cell: Cell) => string,
  model: Cell,
): RetrieverCheckpoint {
  return readCheckpoint(folderOf(model), {
    teacher: () => readCheckpoint(folderOf(teacherCell(context, seed))),
  });
}

/** What a training gave. */
export function trained({ steps, seconds, best }: TrainingReport): CellResult {
  return { steps, trainingSeconds: seconds, best };
}
