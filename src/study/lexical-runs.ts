/** The cells that search a test set by BM25, with queries as they are, or translated by dictionary or tables. */
import { writeDirectoryAtomic } from '../data/atomic.ts';
import { lexicalRun, type QueryTranslation } from '../lexical/cross-lingual.ts';
import { englishStem } from '../lexical/english-stem.ts';
import { Bm25Index } from '../lexical/index.ts';
import { learnTranslations } from '../lexical/psq.ts';
import { QueryDictionary } from '../lexical/query-translation.ts';
import type { Cell } from './cell.ts';
import { languageFiles, passagesOf, searchedFiles } from './file-names.ts';
import type { StudyContext } from './models.ts';
import { writeRunOf } from './run-files.ts';
import type { ArmSettings } from './study-schema.ts';
import { querySource } from './translations.ts';

type Lexical = Pick<Extract<ArmSettings, { kind: 'lexical' }>, 'translate' | 'stem'>;

/** Data of a language that each way of translating needs. */
const MATERIAL = { none: [], dictionary: ['dictionary'], psq: ['bitext', 'dictionary'] } as const;

/**
 * Runs of BM25 over a test set in `languages`. Queries are brought into the language of the passages: into English, or, where the
 * passages are in each language, from English into it, by the same dictionaries and bitext read the other way.
 *
 * @param translations a cell with the queries in English already
 */
export function lexicalRuns(
  context: StudyContext,
  name: string,
  arm: Lexical,
  test: string,
  languages: readonly string[],
  translations?: Cell,
): Cell {
  const { study, files, table } = context;
  const { translate, stem } = arm;
  const used = languages.flatMap((code) =>
    MATERIAL[translate].flatMap((part) => study.languages[code][part] ?? []),
  );
  const collections = languages.map((code) => passagesOf(study, test, code).file);
  const source = querySource(context, test, languages, translations);
  return table.add({
    name: `runs-${name}-${test}`,
    kind: 'runs',
    group: `runs ${name} ${test}`,
    settings: {
      ...{ translate, stem, depth: study.depth, test },
      files: searchedFiles(study, test, languages),
      material: languageFiles(study, languages, MATERIAL[translate]),
    },
    data: files.hash([...new Set([...collections, ...source.names, ...used])]),
    needs: source.needs,
    async make({ folder, folderOf, control: { resume: _, ...control } }) {
      const indexes = new Map<string, Promise<Bm25Index>>();
      const indexOf = (language: string) => {
        const { file, language: spoken } = passagesOf(study, test, language);
        const options = { language: spoken, stem: stem && spoken === 'en' ? englishStem : undefined };
        const index =
          indexes.get(file) ??
          files.passages(file).then((passages) => Bm25Index.create(passages, options, control));
        indexes.set(file, index);
        return index;
      };
      const translation = async (language: string, index: Bm25Index): Promise<QueryTranslation> => {
        if (translate === 'none') return { method: 'none' };
        const reverse = passagesOf(study, test, language).language !== 'en';
        const queryLanguage = reverse ? 'en' : language;
        const turned = <T extends { pivot: string; target: string }>(pairs: readonly T[]): readonly T[] =>
          reverse ? pairs.map((pair) => ({ ...pair, pivot: pair.target, target: pair.pivot })) : pairs;
        const entries = turned(await files.dictionary(language));
        if (translate === 'dictionary')
          return {
            method: 'dictionary',
            dictionary: new QueryDictionary(entries, queryLanguage),
            structure: 'synonyms',
          };
        const pairs = [...turned(await files.pairs(language)), ...entries];
        const probabilities = await learnTranslations(pairs, queryLanguage, index, {}, control);
        return { method: 'psq', probabilities };
      };
      const translated: Record<string, number> = {};
      await writeDirectoryAtomic(folder, async (inside) => {
        for (const language of languages) {
          const queries = await source.read(language, folderOf);
          const index = await indexOf(language);
          const way = await translation(language, index);
          const run = await lexicalRun(index, queries, study.depth, way, control);
          translated[language] = run.words === 0 ? 0 : run.known / run.words;
          writeRunOf(inside, language, run.entries, name);
        }
      });
      if (translate === 'none') return {};
      const notes = await files.dictionaryNotes(languages);
      return { translated, ...(notes.length > 0 && { warnings: notes }) };
    },
  });
}
