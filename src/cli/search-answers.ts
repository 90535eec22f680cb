/** What `refract search` prints: hits, or what was written; who read the queries, in what language, how it was known. */
import type { Query } from '../data/records.ts';
import { writeRun } from '../data/runs.ts';
import type { AnsweredBy } from '../search/query-language.ts';
import type { TextAnswer, TextSearch } from '../search/text-search.ts';
import { formatHits } from './hits.ts';
import type { CommandIo } from './io.ts';
import { notesOf, progressOf } from './options.ts';
import { hitJson, scoreLines } from './score-lines.ts';
import type { RunFiles, SearchArguments } from './search-use.ts';

/** Passages printed for words, and passages of a query in a run. */
export const TOP_PRINTED = 10;
export const TOP_IN_RUN = 1000;

/** Searches for words; the language goes to standard error, or into the JSON. */
export async function searchWords(
  search: TextSearch,
  text: string,
  { top = TOP_PRINTED, explain = false, mode, quiet, json }: SearchArguments,
  io: CommandIo,
): Promise<void> {
  const { hits, answered, translated } = await search.search(text, top, { explain });
  const note = notesOf(io, quiet);
  if (answered !== undefined) {
    if (json !== true) note(languageLine(answered, readerOf(answered, mode)));
    if (answered.notice !== undefined) note(`warning: ${answered.notice}`);
  }
  if (translated !== undefined) note(describeTranslated(translated));
  if (json !== true) {
    io.out(formatHits(hits, io.columns, explain ? scoreLines : undefined));
    return;
  }
  const result = {
    query: text,
    ...(answered && languageFields(answered, readerOf(answered, mode))),
    hits: hits.map((hit) => hitJson(hit, explain)),
  };
  io.out(`${JSON.stringify(result, null, 2)}\n`);
}

/** Searches for the queries of a file, and writes the run. */
export async function searchFile(
  search: TextSearch,
  { run, tag }: RunFiles,
  queries: readonly Query[],
  { top = TOP_IN_RUN, mode, json, quiet }: SearchArguments,
  io: CommandIo,
): Promise<void> {
  const control = { progress: progressOf(io, quiet), signal: io.signal };
  const { entries, answered } = await search.searchAll(queries, top, control);
  writeRun(run, entries, tag);
  const note = notesOf(io, quiet);
  const languages = countLanguages(answered);
  for (const [notice, count] of counted(answered.map(kindOfNotice)))
    note(`warning: ${amount(count)}: ${notice}`);
  if (json === true) {
    const report = { run, tag, queries: queries.length, entries: entries.length };
    io.out(`${JSON.stringify(answered.length > 0 ? { ...report, languages } : report, null, 2)}\n`);
    return;
  }
  for (const { queries: count, ...each } of languages)
    note(`language: ${each.language ?? 'unknown'} (${each.by}), ${amount(count)}, ${readerOf(each, mode)}`);
  io.out(`${run}: ${queries.length} queries, ${entries.length} lines\n`);
}

/** What reads a query: a pack, the teacher, or, of words alone, a dictionary. */
function readerOf({ pack }: Pick<AnsweredBy, 'pack'>, mode: SearchArguments['mode']): string {
  return mode === 'lexical' ? 'words' : (pack ?? 'teacher');
}

function describeTranslated({ words, known }: NonNullable<TextAnswer['translated']>): string {
  return `${known} of ${words} words have a translation; BM25 takes the others as they are.`;
}

/** `language: so (detected, 0.97; next sw, 0.02), packs/so`. */
export function languageLine({ language, by, confidence, runnerUp }: AnsweredBy, reader: string): string {
  const figures = [by, ...(confidence === undefined ? [] : [confidence.toFixed(2)])].join(', ');
  const next = runnerUp ? `; next ${runnerUp.language}, ${runnerUp.confidence.toFixed(2)}` : '';
  const how = language === undefined ? '' : ` (${figures}${next})`;
  return `language: ${language ?? 'unknown'}${how}, ${reader}`;
}

function languageFields({ language, by, confidence, runnerUp, notice }: AnsweredBy, encoder: string) {
  return {
    language: language ?? null,
    languageBy: by,
    confidence: confidence ?? null,
    runnerUp: runnerUp ?? null,
    encoder,
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
