/** Settings that are said only in part: any of a schema's names, at any depth, over defaults. */
import { z } from 'zod';

/**
 * The schema of an object of which every part may be left out. Names that do not exist are still refused.
 *
 * @example overrides(distillSchema).parse({ train: { steps: 200 } })
 */
export function overrides(schema: z.ZodObject): z.ZodType<Record<string, unknown>> {
  const shape = Object.entries(schema.shape).map(([name, part]): [string, z.ZodType] => [
    name,
    (part instanceof z.ZodObject ? overrides(part) : (part as z.ZodType)).optional(),
  ]);
  return z.strictObject(Object.fromEntries(shape));
}

/**
 * Defaults with what was said laid over them; lists and values are replaced, objects merged.
 *
 * @example settingsOver(distillSchema, distillDefaults(), { train: { steps: 200 } })
 */
export function settingsOver<Schema extends z.ZodType>(
  schema: Schema,
  defaults: z.output<Schema>,
  ...said: readonly (Readonly<Record<string, unknown>> | undefined)[]
): z.output<Schema> {
  return schema.parse(said.reduce<unknown>((under, over) => (over ? merge(under, over) : under), defaults));
}

function merge(under: unknown, over: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const merged = new Map(isObject(under) ? Object.entries(under) : []);
  for (const [name, value] of Object.entries(over))
    if (value !== undefined) merged.set(name, isObject(value) ? merge(merged.get(name), value) : value);
  return Object.fromEntries(merged);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
