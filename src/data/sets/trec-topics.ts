/**
 * Topics of TREC and CLEF: https://trec.nist.gov/data/topics_eng/ . `<top>`, whose fields need no end tags
 * (`<num> Number: 301`, `<title>`, `<desc> Description:`, `<narr> Narrative:`), and CLEF's, which have them
 * (`<num> C041 </num> <EN-title> ... </EN-title>`, or `<topic lang="en"> <identifier>`).
 */
import { RefractError } from '../../errors.ts';
import { readLines } from '../lines.ts';
import type { Query } from '../records.ts';
import type { Located } from './rows.ts';
import { plain } from './trec-documents.ts';

/** Which field of a topic is the query. */
export type TopicField = 'title' | 'desc';

/**
 * Yields a topic's title, or description, as a query.
 *
 * Errors: those of `readLines`; `LINE_FORMAT` (no number), `FILE_FORMAT` (no topic).
 */
export async function* trecTopics(path: string, field: TopicField): AsyncGenerator<Located<Query>> {
  let start = 0;
  let lines: string[] = [];
  let count = 0;
  for await (const { line, text } of readLines(path)) {
    if (/<top(ic)?\b[^>]*>/i.test(text)) {
      start = line;
      lines = [];
    }
    if (start === 0) continue;
    lines.push(text);
    if (!/<\/top(ic)?>/i.test(text)) continue;
    const query = parseTopic(path, start, lines.join('\n'), field);
    count++;
    start = 0;
    if (query !== undefined) yield { at: path, line, value: query };
  }
  if (count === 0)
    throw new RefractError('FILE_FORMAT', 'holds no topic', {
      at: path,
      hint: 'Topics stand between <top> and </top>, or <topic> and </topic>.',
    });
}

function parseTopic(at: string, line: number, topic: string, field: TopicField): Query | undefined {
  const id = fieldOf(topic, 'num|number|identifier')
    ?.text.replace(/^(Number|Topic)\s*:?\s*/i, '')
    .trim();
  const number = id === undefined || id === '' ? /<topic\b[^>]*\bnumber="([^"]+)"/i.exec(topic)?.[1] : id;
  if (number === undefined)
    throw new RefractError('LINE_FORMAT', 'a topic has no number', {
      at,
      line,
      hint: 'Every topic needs <num>.',
    });
  const found = field === 'title' ? fieldOf(topic, 'title|query') : fieldOf(topic, 'desc|description');
  const text = found?.text.replace(/^(Topic|Description)\s*:\s*/i, '').trim() ?? '';
  if (text === '') return undefined;
  const language = (
    found?.language ?? /<top(?:ic)?\b[^>]*\blang="([a-z]{2,3})"/i.exec(topic)?.[1]
  )?.toLowerCase();
  return { id: number, text, ...(language !== undefined && { language }) };
}

/** The first field of one of `names`, up to its end tag or the next field; CLEF's carry a language. */
function fieldOf(topic: string, names: string): { text: string; language: string | undefined } | undefined {
  const found = new RegExp(
    `<(?:([A-Z]{2})-)?(?:${names})\\b[^>]*>([\\s\\S]*?)(?=<\\/?(?:[A-Z]{2}-)?(?:num|number|identifier|title|query|desc|description|narr|narrative|dom|smry|con|fac|def|top|topic)\\b)`,
    'i',
  ).exec(topic);
  return found === null ? undefined : { text: plain(found[2]), language: found[1] };
}
