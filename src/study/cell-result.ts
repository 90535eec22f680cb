/** What making a cell of a study gave. */
import { z } from 'zod';

const realisedSchema = z.object({
  /** Asked and realised share of switched words, and of these the share in low-resource languages. */
  askedP: z.number(),
  p: z.number(),
  askedRho: z.number(),
  rho: z.number(),
  /** Of switched words, those of each language. */
  languages: z.record(z.string(), z.number()),
  /** Of all words, those that each language's dictionary has. */
  coverage: z.record(z.string(), z.number()),
  /** Questions that were drawn, repeated ones each time: what all these shares are of. */
  questions: z.number(),
  /** With quotas: words of them that no dictionary allows. */
  short: z.number().optional(),
});
/** Shares of code switching, asked and realised. */
export type RealisedShares = z.output<typeof realisedSchema>;

/** Checks what a record says of it. */
export const resultSchema = z.object({
  /** Steps of training, and seconds of the loop alone. */
  steps: z.number().optional(),
  trainingSeconds: z.number().optional(),
  /** Best dev measure and its step. */
  best: z.object({ value: z.number(), step: z.number() }).optional(),
  switching: realisedSchema.optional(),
  /** Share of the queries' words that were translated, by language. */
  translated: z.record(z.string(), z.number()).optional(),
  warnings: z.array(z.string()).optional(),
});
/** What making a cell gave. */
export type CellResult = z.output<typeof resultSchema>;
