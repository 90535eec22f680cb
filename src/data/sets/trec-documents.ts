/**
 * Documents of TREC collections: SGML as the NIST and CLEF disks have it, and Lemur's TRECTEXT, which is the same with
 * fixed names. `<DOC> <DOCNO> id </DOCNO> ... <TEXT> ... </TEXT> </DOC>`; described at
 * https://trec.nist.gov/data/docs_eng.html and https://lemurproject.org/doxygen/lemur/html/IndriIndexer.html .
 *
 * The title is the first TITLE, HEADLINE, HEAD, HL or TI element; the text is that of all TEXT elements, or, where a
 * document has none, of everything else but the fields of its header. Tags go, entities become characters.
 */
import { RefractError } from '../../errors.ts';
import { readLines } from '../lines.ts';
import type { Passage } from '../records.ts';
import { decodeEntities } from './entities.ts';
import type { Located } from './rows.ts';

const LONGEST = 64 * 2 ** 20;

/**
 * Yields the documents of a file.
 *
 * Errors: those of `readLines` (old disks are Latin-1: convert them); `FILE_FORMAT` (no document, or one that does not
 * end), `LINE_FORMAT` (no DOCNO), each with the line.
 */
export async function* trecDocuments(path: string): AsyncGenerator<Located<Passage>> {
  let lines: string[] | undefined;
  let length = 0;
  let start = 0;
  let count = 0;
  for await (const { line, text } of readLines(path)) {
    if (lines === undefined) {
      if (!/<DOC>/i.test(text)) continue;
      lines = [];
      length = 0;
      start = line;
    }
    lines.push(text);
    length += text.length;
    if (length > LONGEST) throw unfinished(path, start);
    if (!/<\/DOC>/i.test(text)) continue;
    for (const [, document] of lines.join('\n').matchAll(/<DOC>([\s\S]*?)<\/DOC>/gi)) {
      yield { at: path, line: start, value: parseDocument(path, start, document) };
      count++;
    }
    // What follows the last </DOC> on its line may begin another document.
    const rest = text.slice(text.toUpperCase().lastIndexOf('</DOC>') + 6);
    lines = /<DOC>/i.test(rest) ? [rest] : undefined;
    start = line;
    length = rest.length;
  }
  if (lines !== undefined) throw unfinished(path, start);
  if (count === 0)
    throw new RefractError('FILE_FORMAT', 'holds no <DOC>', {
      at: path,
      hint: 'TREC documents stand between <DOC> and </DOC>, each with a <DOCNO>.',
    });
}

function unfinished(at: string, line: number): RefractError {
  return new RefractError('FILE_FORMAT', 'a <DOC> begins here and does not end', {
    at,
    line,
    hint: 'The file is cut off, or a </DOC> is missing; copy it again.',
  });
}

function parseDocument(at: string, line: number, document: string): Passage {
  const id = element(document, 'DOCNO')?.trim() ?? '';
  if (id === '')
    throw new RefractError('LINE_FORMAT', 'a document has no DOCNO', {
      at,
      line,
      hint: 'Every <DOC> needs an id between <DOCNO> and </DOCNO>.',
    });
  const title = plain(TITLES.map((name) => element(document, name)).find((text) => text !== undefined) ?? '');
  const texts = [...document.matchAll(/<TEXT\b[^>]*>([\s\S]*?)<\/TEXT>/gi)].map(([, text]) => text);
  const body = texts.length > 0 ? texts.join('\n') : document.replace(HEADER, ' ');
  return { id: plain(id), text: plain(body), ...(title !== '' && { title }) };
}

const TITLES = ['TITLE', 'HEADLINE', 'HEAD', 'HL', 'TI'];
const HEADER =
  /<(DOCNO|DOCID|DOCHDR|FILEID|PARENT|DATE|DATE1|TITLE|HEADLINE|HEAD|HL|TI)\b[^>]*>[\s\S]*?<\/\1>/gi;

function element(document: string, name: string): string | undefined {
  return new RegExp(`<${name}\\b[^>]*>([\\s\\S]*?)</${name}>`, 'i').exec(document)?.[1];
}

/** Text without tags and comments, entities decoded, white space collapsed. */
export function plain(text: string): string {
  return decodeEntities(text.replace(/<!--[\s\S]*?-->/g, ' ').replace(/<\/?[A-Za-z][^<>]*>/g, ' '))
    .replace(/\s+/g, ' ')
    .trim();
}
