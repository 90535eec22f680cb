/** What makes two cells the same: their settings, the bytes of their data, and the cells they are made from. */
import { createHash } from 'node:crypto';
import { canonicalJson } from '../data/canonical-json.ts';

/** What a cell is made from. */
export interface CellOrigin {
  readonly settings: unknown;
  /** SHA-256 of each data file. */
  readonly data: Readonly<Record<string, string>>;
  /** Fingerprints or identities of what it is made from, by name. */
  readonly from: Readonly<Record<string, string>>;
}

/** SHA-256 of settings, data hashes and origins. */
export function identity({ settings, data, from }: CellOrigin): string {
  return createHash('sha256').update(canonicalJson({ settings, data, from })).digest('hex');
}

/** What differs between a record and a plan, such as `train.rate was 0.1, is 0.2`; empty when nothing does. */
export function describeChanges(
  record: CellOrigin & { readonly identity: string },
  plan: CellOrigin,
): string[] {
  if (record.identity === identity(plan)) return [];
  return [
    ...changes(record.settings, plan.settings),
    ...changes(record.data, plan.data, 'data '),
    ...changes(record.from, plan.from, 'made from '),
  ];
}

/** Each leaf of two JSON values that is not the same, with both values. */
export function changes(before: unknown, after: unknown, prefix = ''): string[] {
  const [was, is] = [leaves(before), leaves(after)];
  const show = (value: string | undefined) =>
    value === undefined ? 'absent' : value.length > 20 ? `${value.slice(0, 16)}...` : value;
  return [...new Set([...was.keys(), ...is.keys()])]
    .filter((path) => was.get(path) !== is.get(path))
    .map((path) => `${prefix}${path} was ${show(was.get(path))}, is ${show(is.get(path))}`);
}

function leaves(value: unknown, path: readonly string[] = [], into = new Map<string, string>()) {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    for (const [key, part] of Object.entries(value)) leaves(part, [...path, key], into);
  else if (value !== undefined) into.set(path.join('.'), JSON.stringify(value));
  return into;
}
