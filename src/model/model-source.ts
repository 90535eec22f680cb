/** Where a model came from, for `refract.json` and cards: its name on the hub, and the commit that was read. */
import { z } from 'zod';

/** What of a model's origin is kept. */
export const modelSourceSchema = z.object({
  /** `org/name`. */
  name: z.string(),
  /** The branch, tag or commit that was asked for. */
  revision: z.string(),
  /** What it stood for: with it the same files come again. */
  commit: z.string(),
});

/** A model of the hub at one commit. */
export type ModelSource = z.output<typeof modelSourceSchema>;

/** What of a checkpoint tells where it came from. */
interface Sourced {
  readonly source?: ModelSource;
  readonly settings?: { readonly training: Readonly<Record<string, unknown>> };
}

/**
 * The model of the hub that an encoder goes back to: where it was read from, or else the base that its own
 * `refract.json` names. Undefined where neither is known.
 *
 * @example originOf({ ...readCheckpoint(folder), source })?.commit
 */
export function originOf({ source, settings }: Sourced): ModelSource | undefined {
  if (source !== undefined) return source;
  const said = modelSourceSchema.safeParse(settings?.training.base);
  return said.success ? said.data : undefined;
}

/** The origin as a field of `training`, where it is known. */
export function baseField(base: Sourced | undefined): { base?: ModelSource } {
  const origin = base && originOf(base);
  return origin === undefined ? {} : { base: origin };
}

/** Where the teacher of a pack came from, and what it was trained from, as fields of the pack's `training`. */
export function teacherFields(teacher: Sourced): { teacher?: ModelSource; base?: ModelSource } {
  const { source, settings } = teacher;
  return { ...(source && { teacher: source }), ...baseField({ settings }) };
}
