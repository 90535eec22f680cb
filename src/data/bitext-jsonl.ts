/**
 * Bitext as JSON lines: `{"en": ..., "sw": ...}`, `{"translation": {"en": ..., "sw": ...}}`,
 * `{"pivot": ..., "target": ...}` or `{"english": ..., "swahili": ...}`, or any two fields by name.
 */
import { RefractError } from '../errors.ts';
import { describeSides, recogniseSides, type Sides } from './bitext-columns.ts';
import { type Bitext, type BitextPair, type BitextSettings, sourceFromName } from './bitext-pair.ts';
import { countSkipped, emptyReport } from './bitext-report.ts';
import { type JsonLine, optionalText, readJsonLines } from './json-lines.ts';

/**
 * Reads a JSONL bitext. Objects without one of the sides are counted and left out.
 *
 * Errors: those of `readJsonLines`; `COLUMN_MISSING` when no object has both sides (or, when strict, one
 * lacks a side); `LINE_FORMAT` when a side is not a string.
 *
 * @example await readBitextJsonl('sw.jsonl', { language: 'sw', pivotLanguage: 'en', strict: false })
 */
export async function readBitextJsonl(path: string, settings: BitextSettings): Promise<Bitext> {
  const pairs: BitextPair[] = [];
  const layouts = new Set<string>();
  const report = emptyReport([path]);
  const name = sourceFromName(path);
  const find = sidesFinder(settings);
  let fieldsSeen: readonly string[] = [];
  for await (const record of readJsonLines(path)) {
    report.read++;
    const inner = unwrap(record);
    const sides = find(Object.keys(inner.fields));
    const pivot = sides && optionalText(inner, sides.pivot);
    const target = sides && optionalText(inner, sides.target);
    if (sides === undefined || pivot === undefined || target === undefined) {
      fieldsSeen = Object.keys(inner.fields);
      if (settings.strict) throw sidesError(path, record.line, fieldsSeen, 'the object lacks a side');
      countSkipped(report, 'side', record);
      continue;
    }
    layouts.add(describeSides(sides, settings, 'fields'));
    const source = sides.source === undefined ? undefined : inner.fields[sides.source];
    pairs.push({
      pivot,
      target,
      language: settings.language,
      source: typeof source === 'string' && source !== '' ? source : name,
      at: path,
      line: record.line,
    });
  }
  if (pairs.length === 0) throw sidesError(path, undefined, fieldsSeen, 'no object has both sides');
  return { pairs, report: { ...report, layout: [...layouts], kept: pairs.length } };
}

/** Finds the sides among an object's fields; remembers the answer for each combination of names. */
function sidesFinder(settings: BitextSettings): (names: readonly string[]) => Sides<string> | undefined {
  const known = new Map<string, Sides<string> | undefined>();
  return (names) => {
    const key = names.join('\n');
    if (!known.has(key)) known.set(key, findSides(names, settings));
    return known.get(key);
  };
}

function findSides(names: readonly string[], settings: BitextSettings): Sides<string> | undefined {
  if (settings.columns !== undefined) {
    const [pivot, target, source] = settings.columns;
    if (!names.includes(pivot) || !names.includes(target)) return undefined;
    return source === undefined ? { pivot, target } : { pivot, target, source };
  }
  const found = recogniseSides(names, settings);
  if (found === undefined) return undefined;
  const source = found.source === undefined ? undefined : names[found.source];
  return {
    pivot: names[found.pivot],
    target: names[found.target],
    ...(source !== undefined && { source }),
  };
}

/** The object with the sides: the line's own, or the one under `translation`, keeping the line's `source`. */
function unwrap(record: JsonLine): JsonLine {
  const inner = record.fields.translation;
  if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return record;
  const { source } = record.fields;
  return { ...record, fields: { ...(typeof source === 'string' && { source }), ...inner } };
}

function sidesError(
  at: string,
  line: number | undefined,
  fields: readonly string[],
  what: string,
): RefractError {
  return new RefractError('COLUMN_MISSING', `${what}; the fields are: ${fields.join(', ') || 'none'}`, {
    at,
    line,
    hint: 'Name the fields of the two sides with --columns, for example --columns en,sw.',
  });
}
