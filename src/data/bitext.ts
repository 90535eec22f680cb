/** Reads sentence pairs in whatever format they come: TSV, Moses pair, TMX or JSONL, plain or gzip. */
import { RefractError } from '../errors.ts';
import { readBitextJsonl } from './bitext-jsonl.ts';
import { mosesFiles, readBitextMoses } from './bitext-moses.ts';
import type { Bitext, BitextSettings } from './bitext-pair.ts';
import { mergeReports } from './bitext-report.ts';
import { readBitextTmx } from './bitext-tmx.ts';
import { readBitextTsv } from './bitext-tsv.ts';
import { type CleanOptions, cleanBitext } from './clean.ts';
import { checkLanguage, sameLanguage } from './language.ts';
import { readLines } from './lines.ts';

export type { Bitext, BitextPair } from './bitext-pair.ts';

/** How to read a bitext. */
export interface BitextOptions {
  /** Language of the target side (BCP 47 / ISO 639). */
  readonly language: string;
  /** Language of the pivot side; default `en`. */
  readonly pivotLanguage?: string;
  /** Pivot, target and optionally source column: 1-based numbers (TSV) or names (TSV header, JSONL fields). */
  readonly columns?: readonly string[];
  /** Stop at a row that lacks a side or column instead of counting it; default false. */
  readonly strict?: boolean;
}

type Format = 'tsv' | 'tmx' | 'jsonl';

/**
 * The pairs as they stand in the files, not cleaned (see `cleanBitext`), each with its line.
 *
 * @param spec one path, or two for Moses: `prefix.{en,sw}` or `a.en|a.sw`. The format is told by the ending,
 * else by the first line.
 *
 * Errors: `LANGUAGE_UNKNOWN`, `SETTING_INVALID`, `FILE_FORMAT` (the format cannot be told), and those of the
 * format's reader.
 *
 * @example const { pairs, report } = await readBitext('en-sw.tsv', { language: 'sw' })
 * @example await readBitext('tanzil.{en,sw}', { language: 'sw' })
 */
export async function readBitext(spec: string, options: BitextOptions): Promise<Bitext> {
  const settings = resolve(options);
  const moses = mosesFiles(spec, settings);
  if (moses !== undefined) {
    if (settings.columns !== undefined)
      throw new RefractError('SETTING_INVALID', 'a Moses pair has no columns', {
        at: spec,
        hint: 'Leave --columns out, or give a TSV or JSONL file.',
      });
    return readBitextMoses(moses, settings);
  }
  const readers = { tsv: readBitextTsv, tmx: readBitextTmx, jsonl: readBitextJsonl };
  return readers[formatOfName(spec) ?? (await formatOfContent(spec))](spec, settings);
}

/**
 * Reads several bitexts of one language and cleans them as one, so that duplicates between files go too.
 *
 * Errors: those of `readBitext`; `BITEXT_EMPTY` when nothing usable is left.
 *
 * @example await loadBitext(['tatoeba.tsv', 'tico.tmx'], { language: 'sw' })
 */
export async function loadBitext(
  specs: readonly string[],
  options: BitextOptions & CleanOptions,
): Promise<Bitext> {
  const read: Bitext[] = [];
  for (const spec of specs) read.push(await readBitext(spec, options));
  const pairs = read.flatMap((bitext) => bitext.pairs);
  return cleanBitext(pairs, options, mergeReports(read.map((bitext) => bitext.report)));
}

function resolve(options: BitextOptions): BitextSettings {
  const language = checkLanguage(options.language);
  const pivotLanguage = checkLanguage(options.pivotLanguage ?? 'en');
  const columns = options.columns?.map((column) => column.trim());
  if (sameLanguage(language, pivotLanguage))
    throw new RefractError('SETTING_INVALID', `both sides of the bitext would be "${language}"`, {
      hint: "Give the new language as --language; the pivot is the teacher's language.",
    });
  if (columns !== undefined && (columns.length < 2 || columns.length > 3 || columns.some((c) => c === '')))
    throw new RefractError('SETTING_INVALID', `columns "${columns.join(',')}" are not two or three`, {
      hint: 'Give pivot, target and optionally source, for example --columns english,swahili or 3,4,1.',
    });
  return {
    language,
    pivotLanguage,
    strict: options.strict ?? false,
    ...(columns !== undefined && { columns }),
  };
}

function formatOfName(path: string): Format | undefined {
  const ending = /\.([a-z]+)(\.gz)?$/i.exec(path)?.[1].toLowerCase();
  if (ending === 'tsv' || ending === 'tab') return 'tsv';
  if (ending === 'tmx') return 'tmx';
  return ending === 'jsonl' || ending === 'ndjson' ? 'jsonl' : undefined;
}

async function formatOfContent(path: string): Promise<Format> {
  for await (const { text } of readLines(path)) {
    if (/^\s*<(\?xml|!DOCTYPE|tmx)/i.test(text)) return 'tmx';
    if (/^\s*\{/.test(text)) return 'jsonl';
    if (text.includes('\t')) return 'tsv';
    if (/\S/.test(text)) break;
  }
  throw new RefractError('FILE_FORMAT', 'the format of the bitext cannot be told', {
    at: path,
    hint: 'Give TSV (two columns separated by a tab), TMX, JSON lines, or two files as prefix.{en,sw}.',
  });
}
