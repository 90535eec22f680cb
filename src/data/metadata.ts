/** The metadata of a passage: fields that searches can be filtered by, read from JSON. */
import { fieldError, type JsonLine, kind } from './json-lines.ts';
import type { MetadataValue } from './records.ts';

/** Fields of a passage itself that filters know; metadata may not give them a second meaning. */
export const OWN_FIELDS: readonly string[] = ['title', 'language'];

/** A name that JSON can carry and that objects of JavaScript, and manifests read with zod, do not keep. */
export const LOST_NAME = '__proto__';

/**
 * The object `metadata` of a JSON line; undefined when there is none or nothing in it. Members that are null are left
 * out.
 *
 * Errors: `LINE_FORMAT` for anything but an object of strings, finite numbers, booleans and lists of strings, and for
 * a field named like one of the passage's own.
 *
 * @example {"id": "p1", "text": "...", "metadata": {"year": 2021, "source": "who", "draft": false, "topics": ["ማላሪያ"]}}
 */
export function metadataField(record: JsonLine): Record<string, MetadataValue> | undefined {
  const value = record.fields.metadata;
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'object' || Array.isArray(value))
    throw fieldError(
      record,
      'metadata',
      `is ${kind(value)} where an object is needed`,
      'Write for example "metadata": {"year": 2021, "source": "who"}.',
    );
  const metadata: [string, MetadataValue][] = [];
  for (const [name, item] of Object.entries(value)) {
    if (item === null) continue;
    const path = `metadata.${name}`;
    checkFieldName(record, name);
    if (!isMetadataValue(item))
      throw fieldError(
        record,
        path,
        `is ${odd(item)}`,
        'A field holds a string, a finite number, true or false, or a list of strings.',
      );
    metadata.push([name, item]);
  }
  return metadata.length === 0 ? undefined : Object.fromEntries(metadata);
}

/** Whether a value may stand in a metadata field. */
export function isMetadataValue(value: unknown): value is MetadataValue {
  if (typeof value === 'string' || typeof value === 'boolean') return true;
  if (typeof value === 'number') return Number.isFinite(value);
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

/** Refuses, at a line, the name of a metadata field that is empty or one of the passage's own. */
export function checkFieldName(place: { readonly at: string; readonly line: number }, name: string): void {
  if (name.trim() === '')
    throw fieldError(place, 'metadata', 'has a field without a name', 'Give the field a name.');
  if (name === LOST_NAME)
    throw fieldError(place, `metadata.${name}`, 'has a name that cannot be kept', 'Rename the field.');
  if (OWN_FIELDS.includes(name))
    throw fieldError(
      place,
      `metadata.${name}`,
      'has the name of a field of the passage itself',
      `Write "${name}" beside "text", or rename the field.`,
    );
}

function odd(value: unknown): string {
  if (typeof value === 'number') return `${value}, too large for a number`; // 1e999 is Infinity to JSON.parse
  return Array.isArray(value) ? 'a list that holds something that is not a string' : kind(value);
}
