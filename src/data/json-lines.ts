/**
 * JSON objects, one a line, and the checks of their fields. Written by hand rather than with a schema
 * library: collections have millions of lines, and a message must name the line and the field.
 */
import { RefractError } from '../errors.ts';
import { readLines } from './lines.ts';

/** A JSON object with its 1-based line number and the file it stands in. */
export interface JsonLine {
  readonly at: string;
  readonly line: number;
  readonly fields: Readonly<Record<string, unknown>>;
}

/**
 * Yields the object of every line that is not blank.
 *
 * Errors: those of `readLines`; `LINE_FORMAT` when a line is not a JSON object.
 *
 * @example for await (const { fields } of readJsonLines('queries.jsonl')) console.log(fields.text)
 */
export async function* readJsonLines(path: string): AsyncGenerator<JsonLine> {
  for await (const { line, text } of readLines(path)) {
    if (isBlank(text)) continue;
    yield { at: path, line, fields: parseObject(path, line, text) };
  }
}

/** Whether a line holds nothing but white space. */
export function isBlank(text: string): boolean {
  return text === '' || !/\S/.test(text);
}

function parseObject(at: string, line: number, text: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const array = line === 1 && text.trimStart().startsWith('[');
    throw new RefractError('LINE_FORMAT', `is not JSON: ${(error as Error).message}`, {
      at,
      line,
      hint: array
        ? "The file looks like one JSON array; write one object a line: jq -c '.[]' old > new."
        : 'Give one whole JSON object a line; correct or remove this line.',
      cause: error,
    });
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>;
  throw new RefractError('LINE_FORMAT', `is ${kind(value)} where a JSON object is needed`, {
    at,
    line,
    hint: 'Give one JSON object a line, such as {"id": "1", "text": "..."}.',
  });
}

/** The JSON type of a value, in words. */
export function kind(value: unknown): string {
  if (value === undefined) return 'missing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/** A `LINE_FORMAT` error about field `name` of a line. */
export function fieldError(
  place: { readonly at: string; readonly line: number },
  name: string,
  what: string,
  hint: string,
): RefractError {
  return new RefractError('LINE_FORMAT', `field "${name}" ${what}`, { ...place, hint });
}

/** The record's id from `id` or (as BEIR has it) `_id`; whole numbers become strings. */
export function idField(record: JsonLine): string {
  const name = record.fields.id === undefined && record.fields._id !== undefined ? '_id' : 'id';
  const value = record.fields[name];
  if (typeof value === 'string' && value.trim() !== '') return value;
  if (Number.isSafeInteger(value)) return String(value);
  let what = `is ${kind(value)} where a string is needed`;
  if (value === undefined) what = 'is missing';
  else if (typeof value === 'string') what = 'is empty';
  else if (typeof value === 'number') what = `is ${value}, which is no whole number that JSON keeps exactly`;
  throw fieldError(record, name, what, 'Give every record an id, as a string: "id": "...".');
}

/** A text field that must be there; it may be empty. */
export function textField(record: JsonLine, name: string): string {
  const value = optionalText(record, name);
  if (value !== undefined) return value;
  throw fieldError(record, name, 'is missing', `Every line needs "${name}" as a string.`);
}

/** A text field that may be absent or null. */
export function optionalText(record: JsonLine, name: string): string | undefined {
  const value = record.fields[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string') return value;
  throw fieldError(record, name, `is ${kind(value)} where a string is needed`, 'Put the text in quotes.');
}

/** A field with a list of texts, or one text; absent and null give undefined. */
export function textListField(record: JsonLine, name: string): readonly string[] | undefined {
  const value = record.fields[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string') return [value];
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value;
  const what = Array.isArray(value) ? 'holds something that is not a string' : `is ${kind(value)}`;
  throw fieldError(record, name, what, 'Give a list of strings, such as ["first", "second"].');
}
