/** Reading the parts of a `tokenizer.json`: their kinds, their settings, and what is said of a part that cannot be read. */
import type { Json, JsonObject } from '../tokenizer-json.ts';

/** A part of a `tokenizer.json` that is missing, of an unknown kind or with a setting out of range. */
export class ComponentFault extends Error {
  /** Kinds that are known, where the kind was the trouble. */
  readonly known: readonly string[];

  constructor(message: string, known: readonly string[] = []) {
    super(message);
    this.name = 'ComponentFault';
    this.known = known;
  }
}

/** Makers of a kind of part, by the `type` that the file gives. */
export type Makers<T> = { readonly [type: string]: (part: JsonObject) => T };

/**
 * The part that a file describes.
 *
 * @param what the kind of part, for messages, e.g. `normalizer`
 * @example make('normalizer', { type: 'NFC' }, { NFC: () => normaliseToNfc })
 */
export function make<T>(what: string, part: Json | undefined, makers: Makers<T>): T {
  const json = objectOf(what, part);
  const type = typeof json.type === 'string' ? json.type : undefined;
  if (type === undefined) throw new ComponentFault(`the ${what} says no type`);
  if (!Object.hasOwn(makers, type))
    throw new ComponentFault(`the ${what} ${type} is not supported`, Object.keys(makers));
  return makers[type](json);
}

/** The object; anything else is a fault. */
export function objectOf(what: string, value: Json | undefined): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new ComponentFault(`the ${what} is not an object`);
  return value as JsonObject;
}

/** The members of a `Sequence`. */
export function membersOf(part: JsonObject, name: string): readonly Json[] {
  const members = part[name];
  if (!Array.isArray(members)) throw new ComponentFault(`a Sequence lacks its list of ${name}`);
  return members;
}

/** A setting that must be text. */
export function textOf(part: JsonObject, name: string, byDefault?: string): string {
  const value = part[name] ?? byDefault;
  if (typeof value !== 'string') throw new ComponentFault(`${part.type} needs ${name}, a text`);
  return value;
}

/** A setting that must be one of some words; case does not matter. */
export function wordOf<T extends string>(
  part: JsonObject,
  name: string,
  words: readonly T[],
  byDefault?: T,
): T {
  const value = part[name] ?? byDefault;
  const word = words.find((each) => typeof value === 'string' && value.toLowerCase() === each.toLowerCase());
  if (word === undefined)
    throw new ComponentFault(`${part.type} has ${name} ${JSON.stringify(value)}`, words);
  return word;
}
