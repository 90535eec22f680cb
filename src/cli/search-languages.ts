/** `refract search` with several packs: says in which language a query was read, how that was known, and by whom. */
import type { Query } from '../data/records.ts';
import { writeRun } from '../data/runs.ts';
import type { LanguageSearcher } from '../search/language-searcher.ts';
import type { AnsweredBy } from '../search/query-language.ts';
import { flatHits, formatHits } from './hits.ts';
import type { CommandIo } from './io.ts';
import { notesOf, progressOf } from './options.ts';

/** What both kinds of search are given. */
interface LanguageSearchArguments {
  readonly top: number;
  readonly language?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** Where a run goes, and its tag. */
interface RunPlace {
  readonly run: string;
  readonly tag: string;
}

/** Searches for words; the language goes to standard error, or into the JSON. */
export async function searchWordsByLanguage(
  searcher: LanguageSearcher,
  text: string,
  { top, language, json, quiet }: LanguageSearchArguments,
  io: CommandIo,
): Promise<void> {
  const { hits, ...answered } = await searcher.search(text, top, { language });
  const note = notesOf(io, quiet);
  if (json === true) {
    if (answered.notice !== undefined) note(`warning: ${answered.notice}`);
    io.out(
      `${JSON.stringify({ query: text, ...languageFields(answered), hits: flatHits(hits) }, null, 2)}\n`,
    );
    return;
  }
  note(languageLine(answered));
  if (answered.notice !== undefined) note(`warning: ${answered.notice}`);
  io.out(formatHits(hits, io.columns));
}

/** Searches for the queries of a file, and writes the run. */
export async function searchFileByLanguage(
  searcher: LanguageSearcher,
  { run, tag }: RunPlace,
  queries: readonly Query[],
  { top, language, json, quiet }: LanguageSearchArguments,
  io: CommandIo,
): Promise<void> {
  const { entries, answered } = await searcher.searchAll(queries, top, {
    language,
    progress: progressOf(io, quiet),
    signal: io.signal,
  });
  writeRun(run, entries, tag);
  const note = notesOf(io, quiet);
  const languages = countLanguages(answered);
  for (const [notice, count] of counted(answered.map(kindOfNotice)))
    note(`warning: ${amount(count)}: ${notice}`);
  if (json === true) {
    const report = { run, tag, queries: queries.length, entries: entries.length, languages };
    io.out(`${JSON.stringify(report, null, 2)}\n`);
    return;
  }
  for (const { language: code, by, pack, queries: count } of languages)
    note(`language: ${code ?? 'unknown'} (${by}), ${amount(count)}, ${pack ?? 'teacher'}`);
  io.out(`${run}: ${queries.length} queries, ${entries.length} lines\n`);
}

/** `language: so (detected, 0.97; next sw, 0.02), packs/so`. */
export function languageLine({ language, by, confidence, runnerUp, pack }: AnsweredBy): string {
  const figures = [by, ...(confidence === undefined ? [] : [confidence.toFixed(2)])].join(', ');
  const next = runnerUp ? `; next ${runnerUp.language}, ${runnerUp.confidence.toFixed(2)}` : '';
  const how = language === undefined ? '' : ` (${figures}${next})`;
  return `language: ${language ?? 'unknown'}${how}, ${pack ?? 'teacher'}`;
}

function languageFields({ pack, language, by, confidence, runnerUp, notice }: AnsweredBy) {
  return {
    language: language ?? null,
    languageBy: by,
    confidence: confidence ?? null,
    runnerUp: runnerUp ?? null,
    encoder: pack ?? 'teacher',
    notice: notice ?? null,
  };
}

interface LanguageCount extends Pick<AnsweredBy, 'language' | 'by' | 'pack'> {
  readonly queries: number;
}

/** How many queries were read in which language, how that was known, and by which encoder; the most first. */
function countLanguages(answered: readonly AnsweredBy[]): LanguageCount[] {
  const groups = new Map<string, AnsweredBy[]>();
  for (const each of answered) {
    const key = JSON.stringify([each.language, each.by, each.pack]);
    groups.set(key, [...(groups.get(key) ?? []), each]);
  }
  return [...groups.values()]
    .map((group) => {
      const [{ language, by, pack }] = group;
      return { language, by, pack, queries: group.length };
    })
    .sort((a, b) => b.queries - a.queries);
}

/** The notice of a query without what differs from one query to the next. */
function kindOfNotice({ notice, language, confidence }: AnsweredBy): string | undefined {
  const unsure = notice !== undefined && confidence !== undefined && notice.includes(confidence.toFixed(2));
  return unsure && language !== undefined
    ? 'the language is not certain enough: the teacher answered'
    : notice;
}

function counted(notices: readonly (string | undefined)[]): [notice: string, count: number][] {
  const counts = new Map<string, number>();
  for (const notice of notices) if (notice !== undefined) counts.set(notice, (counts.get(notice) ?? 0) + 1);
  return [...counts];
}

function amount(queries: number): string {
  return queries === 1 ? '1 query' : `${queries} queries`;
}
