/**
 * StarDict dictionaries: https://stardict-4.sourceforge.net/StarDictFileFormat . `NAME.ifo` (settings), `NAME.idx[.gz]`
 * (headword, zero byte, offset and size as 32-bit or 64-bit big-endian numbers), `NAME.dict[.dz]` (the articles; dictzip
 * is gzip), `NAME.syn` (more headwords: word, zero byte, 32-bit number of the entry).
 *
 * An article becomes translations: its text of types m, l, g, h, x, t and y, without tags, one a line, comma or
 * semicolon, without numbering and without what stands in brackets. Longer pieces than five words are explanations,
 * not translations, and are left out; an article without any is counted.
 */
import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { RefractError } from '../../errors.ts';
import type { LexiconEntry } from '../records.ts';
import type { ReadingNotes } from './reading-notes.ts';
import { plain } from './trec-documents.ts';

/** One entry as stored. */
export interface StarDictArticle {
  readonly headword: string;
  /** The article's texts, tags included. */
  readonly texts: readonly string[];
}

/**
 * The articles of a dictionary, in the order of its index, synonyms last.
 *
 * @param ifo path of the `.ifo`
 * Errors: `FILE_MISSING` (a file of the dictionary), `FILE_FORMAT` (not StarDict, damaged, or of another size than the
 * `.ifo` says), `FILE_ENCODING`.
 *
 * @example for (const { headword, texts } of starDictArticles('en-sw.ifo')) console.log(headword, texts)
 */
export function* starDictArticles(ifo: string): Generator<StarDictArticle> {
  const base = ifo.replace(/\.ifo$/, '');
  const settings = readSettings(ifo);
  const index = readPart(ifo, [`${base}.idx`, `${base}.idx.gz`]);
  const articles = readPart(ifo, [`${base}.dict.dz`, `${base}.dict`]);
  const wide = settings.get('idxoffsetbits') === '64';
  const types = settings.get('sametypesequence');
  const entries = [...readIndex(ifo, index, wide)];
  const expected = Number(settings.get('wordcount'));
  if (entries.length !== expected)
    throw damaged(ifo, `the index has ${entries.length} words where wordcount says ${expected}`);
  const texts = (entry: IndexEntry) => {
    if (entry.offset + entry.size > articles.length)
      throw damaged(ifo, `the article of "${entry.word}" lies beyond the end of the .dict`);
    return articleTexts(articles.subarray(entry.offset, entry.offset + entry.size), types);
  };
  for (const entry of entries) yield { headword: entry.word, texts: texts(entry) };
  if (!existsSync(`${base}.syn`)) return;
  for (const [word, number] of readSynonyms(ifo, readFileSync(`${base}.syn`))) {
    if (number >= entries.length) throw damaged(ifo, `the synonym "${word}" names entry ${number}`);
    yield { headword: word, texts: texts(entries[number]) };
  }
}

/** The articles as pairs of words; `reverse` when the headwords are in the new language. */
export async function* starDictEntries(
  ifo: string,
  language: string,
  reverse: boolean,
  notes?: ReadingNotes,
): AsyncGenerator<LexiconEntry> {
  let number = 0;
  for (const { headword, texts } of starDictArticles(ifo)) {
    number++;
    const translations = [...new Set(texts.flatMap(translationsIn))];
    if (translations.length === 0) notes?.add('no translation', ifo, number);
    for (const other of translations)
      yield reverse
        ? { pivot: other, target: headword, language }
        : { pivot: headword, target: other, language };
  }
}

const LONGEST_TRANSLATION = 5;

/**
 * The words or phrases that an article offers as translations.
 *
 * @example translationsIn('1. maji (kimiminika); chai') // ['maji', 'chai']
 */
export function translationsIn(text: string): string[] {
  const lines = text.replace(/<(br|\/?p|\/?div|\/?li|\/dd|\/dtrn|\/tr)\b[^>]*>/gi, '\n').split('\n');
  return lines
    .flatMap((line) =>
      plain(line)
        .replace(/\([^()]*\)|\[[^[\]]*\]|\{[^{}]*\}/g, ' ')
        .split(/[;,،؛、；，]/),
    )
    .map((piece) =>
      piece
        .trim()
        .replace(/^(\d+[.)]|[-*•–])\s*/, '')
        .replace(/\s+/g, ' ')
        .replace(/[.。।]$/, '')
        .normalize('NFC')
        .trim(),
    )
    .filter((piece) => /\p{L}/u.test(piece) && piece.split(' ').length <= LONGEST_TRANSLATION);
}

function readSettings(ifo: string): Map<string, string> {
  const text = readPart(ifo, [ifo])
    .toString('utf8')
    .replace(/^\uFEFF/, '');
  if (!text.startsWith("StarDict's dict ifo file"))
    throw damaged(ifo, 'does not begin with "StarDict\'s dict ifo file"');
  return new Map(
    text.split(/\r?\n/).flatMap((line) => {
      const at = line.indexOf('=');
      return at < 0 ? [] : [[line.slice(0, at).trim(), line.slice(at + 1).trim()] as const];
    }),
  );
}

interface IndexEntry {
  readonly word: string;
  readonly offset: number;
  readonly size: number;
}

function* readIndex(ifo: string, index: Buffer, wide: boolean): Generator<IndexEntry> {
  const width = wide ? 12 : 8;
  for (let at = 0; at < index.length; ) {
    const end = index.indexOf(0, at);
    if (end < 0 || end + 1 + width > index.length) throw damaged(ifo, 'the index is cut off');
    yield {
      word: index.toString('utf8', at, end),
      offset: wide ? Number(index.readBigUInt64BE(end + 1)) : index.readUInt32BE(end + 1),
      size: index.readUInt32BE(end + 1 + width - 4),
    };
    at = end + 1 + width;
  }
}

function* readSynonyms(ifo: string, synonyms: Buffer): Generator<[string, number]> {
  for (let at = 0; at < synonyms.length; ) {
    const end = synonyms.indexOf(0, at);
    if (end < 0 || end + 5 > synonyms.length) throw damaged(ifo, 'the .syn is cut off');
    yield [synonyms.toString('utf8', at, end), synonyms.readUInt32BE(end + 1)];
    at = end + 5;
  }
}

const TEXT_TYPES = new Set('mlgxtyhwk');

/** The texts of an article: a lower-case type ends with a zero byte, an upper-case one begins with its size. */
function articleTexts(article: Buffer, types: string | undefined): string[] {
  const texts: string[] = [];
  let at = 0;
  for (let i = 0; at < article.length && (types === undefined || i < types.length); i++) {
    const type = types === undefined ? String.fromCharCode(article[at++]) : types[i];
    const last = types !== undefined && i === types.length - 1;
    let end: number;
    let next: number;
    if (type >= 'a') {
      const zero = last ? -1 : article.indexOf(0, at);
      end = zero < 0 ? article.length : zero;
      next = end + 1;
    } else {
      const size = last || at + 4 > article.length ? article.length - at : article.readUInt32BE(at);
      end = last ? article.length : at + 4 + size;
      next = end;
    }
    if (TEXT_TYPES.has(type)) texts.push(article.toString('utf8', at, end));
    at = next;
  }
  return texts;
}

/** The bytes of the first of `paths` that exists, inflated when they are gzip. */
function readPart(ifo: string, paths: readonly string[]): Buffer {
  const path = paths.find((each) => existsSync(each));
  if (path === undefined)
    throw new RefractError('FILE_MISSING', `the dictionary has no ${paths[0]}`, {
      at: ifo,
      hint: 'A StarDict dictionary is three files of one name: .ifo, .idx and .dict or .dict.dz; keep them together.',
    });
  const bytes = readFileSync(path);
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    return gunzipSync(bytes);
  } catch (error) {
    throw damaged(ifo, `${path} is damaged (${(error as Error).message})`);
  }
}

function damaged(at: string, what: string): RefractError {
  return new RefractError('FILE_FORMAT', what, {
    at,
    hint: 'The files do not belong together, or were cut off: unpack the dictionary again.',
  });
}
