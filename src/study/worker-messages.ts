/** What a study's process and its workers tell each other. */
import { z } from 'zod';
import { ERROR_CODES, type ErrorCode, RefractError } from '../errors.ts';
import { DEVICES } from '../graph/index.ts';
import { resultSchema } from './cell-result.ts';
import { studySchema } from './checked-study.ts';

/** How a worker computes. */
const openSchema = z.object({
  kind: z.literal('open'),
  /** The study with its defaults, and the folder that its paths are relative to. */
  study: studySchema,
  root: z.string(),
  /** Where cells go. */
  out: z.string(),
  device: z.enum(DEVICES).optional(),
  threads: z.number().optional(),
});
/** The first message to a worker. */
export type OpenMessage = z.output<typeof openSchema>;

/** To a worker. */
export const requestSchema = z.discriminatedUnion('kind', [
  openSchema,
  z.object({ kind: z.literal('make'), cell: z.string(), resume: z.boolean() }),
  /** Stop at a safe place. */
  z.object({ kind: z.literal('stop') }),
]);
/** To a worker. */
export type Request = z.input<typeof requestSchema>;

const codes = Object.keys(ERROR_CODES) as [ErrorCode, ...ErrorCode[]];
const errorSchema = z.object({
  message: z.string(),
  stack: z.string().optional(),
  /** Of a user's mistake. */
  refused: z
    .object({
      code: z.enum(codes),
      what: z.string(),
      at: z.string().optional(),
      line: z.number().optional(),
      hint: z.string(),
    })
    .optional(),
});
type ToldError = z.output<typeof errorSchema>;

/** From a worker. */
export const replySchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('opened') }),
  z.object({
    kind: z.literal('begins'),
    stage: z.number(),
    label: z.string(),
    total: z.number(),
    unit: z.string(),
  }),
  z.object({ kind: z.literal('progress'), stage: z.number(), done: z.number(), note: z.string() }),
  z.object({ kind: z.literal('ends'), stage: z.number(), note: z.string() }),
  z.object({ kind: z.literal('made'), result: resultSchema, memoryBytes: z.number() }),
  z.object({ kind: z.literal('failed'), error: errorSchema, memoryBytes: z.number() }),
]);
/** From a worker. */
export type Reply = z.input<typeof replySchema>;

/** An error as it is told to another process. */
export function toldError(error: unknown): ToldError {
  if (!(error instanceof Error)) return { message: String(error) };
  const { message, stack } = error;
  if (!(error instanceof RefractError)) return { message, stack };
  const { code, what, at, line, hint } = error;
  return { message, stack, refused: { code, what, at, line, hint } };
}

/** The error that another process told of. */
export function heardError({ message, stack, refused }: ToldError): Error {
  if (refused) {
    const { code, what, ...place } = refused;
    return new RefractError(code, what, place);
  }
  const error = new Error(message);
  if (stack !== undefined) error.stack = stack;
  return error;
}
