/**
 * PanLex: https://dev.panlex.org/database-design/ . Two words translate each other when they denote one meaning. Read
 * from the CSV dump (`langvar.csv`: `id`, `lang_code`, `var_code`, ...; `expr.csv`: `id`, `langvar`, `txt`, ...;
 * `denotation.csv`: `id`, `meaning`, `expr`), or from files by language as
 * https://huggingface.co/datasets/cointegrated/panlex-meanings has them (`eng.tsv`, `swh.tsv`, with columns `id langvar txt
 * txt_degr meaning langvar_uid`). Columns are found by their names in the header.
 */
import { RefractError } from '../../errors.ts';
import { normaliseSentence } from '../clean.ts';
import { sameLanguage } from '../language.ts';
import { readLines } from '../lines.ts';
import type { LexiconEntry } from '../records.ts';
import { csvCells } from './csv.ts';
import type { AnyPart } from './data-set.ts';
import type { FoundFile, SetFolder } from './set-folder.ts';

/** The dictionary of `language` that a folder holds. Errors: `FILE_MISSING`; on reading `COLUMN_MISSING`. */
export function panlexParts(folder: SetFolder, language: string): AnyPart[] {
  const [langvar] = folder.find(/langvar\.csv/);
  const [expr] = folder.find(/expr\.csv/);
  const [denotation] = folder.find(/denotation\.csv/);
  if (langvar && expr && denotation)
    return [
      {
        kind: 'dictionary',
        name: language,
        files: [langvar, expr, denotation].map((file) => file.path),
        read: () => fromDump(langvar, expr, denotation, language),
      },
    ];
  const tables = folder.find(/([a-z]{3})\.tsv/);
  const pivot = tables.find((file) => file.groups[0] === 'eng');
  const targets = tables.filter((file) => isLanguage(file.groups[0], language));
  if (pivot === undefined || targets.length === 0)
    throw folder.nothingFound(
      'langvar.csv, expr.csv and denotation.csv; or eng.tsv and the TSV of the language',
    );
  return [
    {
      kind: 'dictionary',
      name: language,
      files: [pivot, ...targets].map((file) => file.path),
      read: () => fromTables(pivot, targets, language),
    },
  ];
}

/** Individual languages of those macrolanguages that PanLex codes one by one. */
const MEMBERS: Readonly<Record<string, readonly string[]>> = {
  sw: ['swh', 'swc'],
  ar: ['arb'],
  zh: ['cmn'],
  fa: ['pes'],
  ms: ['zsm'],
  et: ['ekk'],
  lv: ['lvs'],
  ne: ['npi'],
  or: ['ory'],
  om: ['gaz'],
  az: ['azj'],
  uz: ['uzn'],
  mg: ['plt'],
  mn: ['khk'],
  no: ['nob'],
  sq: ['als'],
};

function isLanguage(code: string, language: string): boolean {
  if (sameLanguage(code, language)) return true;
  const short = new Intl.Locale(language).language;
  return MEMBERS[short]?.includes(code) === true;
}

async function* fromDump(
  langvar: FoundFile,
  expr: FoundFile,
  denotation: FoundFile,
  language: string,
): AsyncGenerator<LexiconEntry> {
  const sideOf = new Map<string, Side>();
  for await (const [id, code] of columns(langvar.path, csvCells, ['id', 'lang_code'])) {
    if (code === 'eng') sideOf.set(id, 'pivot');
    else if (isLanguage(code, language)) sideOf.set(id, 'target');
  }
  const words: Record<Side, Map<string, string>> = { pivot: new Map(), target: new Map() };
  for await (const [id, variety, text] of columns(expr.path, csvCells, ['id', 'langvar', 'txt'])) {
    const side = sideOf.get(variety);
    if (side !== undefined) words[side].set(id, text);
  }
  const meanings = new Meanings();
  for await (const [meaning, id] of columns(denotation.path, csvCells, ['meaning', 'expr'])) {
    for (const side of SIDES) {
      const text = words[side].get(id);
      if (text !== undefined) meanings.add(meaning, side, text);
    }
  }
  yield* meanings.entries(language);
}

async function* fromTables(
  pivot: FoundFile,
  targets: readonly FoundFile[],
  language: string,
): AsyncGenerator<LexiconEntry> {
  const meanings = new Meanings();
  const tabs = (line: string) => line.split('\t');
  for (const file of targets)
    for await (const [text, meaning] of columns(file.path, tabs, ['txt', 'meaning']))
      meanings.add(meaning, 'target', text);
  for await (const [text, meaning] of columns(pivot.path, tabs, ['txt', 'meaning']))
    if (meanings.has(meaning)) meanings.add(meaning, 'pivot', text);
  yield* meanings.entries(language);
}

type Side = 'pivot' | 'target';
const SIDES: readonly Side[] = ['pivot', 'target'];

/** Words by the meaning they denote. */
class Meanings {
  private readonly meanings = new Map<string, Record<Side, string[]>>();

  has(meaning: string): boolean {
    return this.meanings.has(meaning);
  }

  add(meaning: string, side: Side, text: string): void {
    let sides = this.meanings.get(meaning);
    if (sides === undefined) {
      sides = { pivot: [], target: [] };
      this.meanings.set(meaning, sides);
    }
    const word = normaliseSentence(text);
    if (word !== '' && !sides[side].includes(word)) sides[side].push(word);
  }

  /** Every pair of words of one meaning, each once. */
  *entries(language: string): Generator<LexiconEntry> {
    const seen = new Set<string>();
    for (const { pivot, target } of this.meanings.values())
      for (const p of pivot)
        for (const t of target) {
          const key = `${p}\t${t}`;
          if (seen.has(key)) continue;
          seen.add(key);
          yield { pivot: p, target: t, language, source: 'panlex' };
        }
  }
}

/** The named columns of every row below the header. */
async function* columns(
  path: string,
  split: (line: string) => string[],
  names: readonly string[],
): AsyncGenerator<string[]> {
  let at: number[] | undefined;
  for await (const { line, text } of readLines(path)) {
    if (text === '') continue;
    const cells = split(text);
    if (at === undefined) {
      at = names.map((name) => cells.indexOf(name));
      const missing = names[at.indexOf(-1)];
      if (missing !== undefined)
        throw new RefractError('COLUMN_MISSING', `the header has no column "${missing}"`, {
          at: path,
          line,
          hint: 'The first row must name the columns, as in the dump of PanLex.',
        });
      continue;
    }
    if (Math.max(...at) >= cells.length)
      throw new RefractError('COLUMN_MISSING', `${cells.length} columns where the header has more`, {
        at: path,
        line,
        hint: 'Download the file again; it was cut off or changed.',
      });
    yield at.map((i) => cells[i]);
  }
}
