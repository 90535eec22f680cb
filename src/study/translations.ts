/** The cell with machine translations of a test set's queries, and where runs take their queries from. */
import { join } from 'node:path';
import { z } from 'zod';
import { writeDirectoryAtomic, writePiecesAtomic } from '../data/atomic.ts';
import { readLines } from '../data/lines.ts';
import type { Query } from '../data/records.ts';
import { Translator } from '../translate/translator.ts';
import type { Cell, CellWork } from './cell.ts';
import { queriesOf, searchedFiles } from './file-names.ts';
import type { StudyContext } from './models.ts';
import type { ArmSettings } from './study-schema.ts';

const lineSchema = z.strictObject({ id: z.string(), text: z.string() });

type Translation = Extract<ArmSettings, { kind: 'translation' }>;

/** The English translations of the queries of `languages`, by the models of an arm. */
export function translationsCell(
  { study, files, table }: StudyContext,
  arm: string,
  { models, beams }: Pick<Translation, 'models' | 'beams'>,
  test: string,
  languages: readonly string[],
): Cell {
  const modelOf = (language: string) => {
    const named = models[language];
    return typeof named === 'string' ? { folder: named } : named;
  };
  const used = languages.map((language) => [language, modelOf(language)] as const);
  return table.add({
    name: `translations-${arm}-${test}`,
    kind: 'translations',
    group: `translations ${arm} ${test}`,
    settings: {
      ...{ models: Object.fromEntries(used), beams, test },
      files: searchedFiles(study, test, languages),
    },
    data: files.hash([
      ...new Set(used.flatMap(([, { folder }]) => files.filesIn(folder))),
      ...new Set(languages.map((language) => queriesOf(study, test, language).file)),
    ]),
    needs: [],
    async make({ folder, control: { resume: _, ...control } }) {
      const warnings = new Set<string>();
      await writeDirectoryAtomic(folder, async (inside) => {
        for (const [language, { folder: model, ...told }] of used) {
          const { file, field } = queriesOf(study, test, language);
          const queries = await files.queries(file, field);
          const translator = await Translator.load(files.at(model), control);
          try {
            const texts = queries.map(({ text }) => text);
            const translated = await translator.translate(texts, { ...told, beams }, control);
            for (const name of translator.notFollowed)
              warnings.add(`${model} asks for ${name}, which is not done`);
            const cut = translated.filter((each) => each.cut).length;
            if (cut > 0)
              warnings.add(`${cut} queries in ${language} were longer than ${model} reads and were cut`);
            writePiecesAtomic(
              translationFile(inside, language),
              queries.map(({ id }, q) => `${JSON.stringify({ id, text: translated[q].text })}\n`),
            );
          } finally {
            await translator.close();
          }
        }
      });
      return warnings.size > 0 ? { warnings: [...warnings] } : {};
    },
  });
}

/** Where a `runs` cell takes its queries from. */
export interface QuerySource {
  /** Files that the study names. */
  readonly names: readonly string[];
  readonly needs: readonly Cell[];
  readonly read: (language: string, folderOf: CellWork['folderOf']) => Promise<readonly Query[]>;
}

/** The queries of a test set as they are, or as a `translations` cell has them. */
export function querySource(
  { study, files }: StudyContext,
  test: string,
  languages: readonly string[],
  translations?: Cell,
): QuerySource {
  if (translations)
    return {
      names: [],
      needs: [translations],
      read: (language, folderOf) => readTranslations(translationFile(folderOf(translations), language)),
    };
  return {
    names: [...new Set(languages.map((language) => queriesOf(study, test, language).file))],
    needs: [],
    read(language) {
      const { file, field } = queriesOf(study, test, language);
      return files.queries(file, field);
    },
  };
}

/** Unlike queries of a user, a translation may be empty: a model may write nothing. */
async function readTranslations(file: string): Promise<Query[]> {
  const queries: Query[] = [];
  for await (const { text } of readLines(file)) queries.push(lineSchema.parse(JSON.parse(text)));
  return queries;
}

function translationFile(folder: string, language: string): string {
  return join(folder, `${language}.jsonl`);
}
