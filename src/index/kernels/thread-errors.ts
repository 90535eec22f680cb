/** Errors on their way from a worker to the thread that leads: structured clones lose class and code. */
import { type ErrorCode, RefractError } from '../../errors.ts';

/** An error as it is posted. */
export interface PostedError {
  /** The job in which it was thrown. */
  readonly job: number;
  readonly name: string;
  readonly message: string;
  readonly stack?: string;
  /** What a `RefractError` says; absent for any other. */
  readonly refract?: {
    readonly code: ErrorCode;
    readonly what: string;
    readonly at?: string;
    readonly line?: number;
    readonly hint: string;
  };
}

/** What to post of an error that was thrown in `job`. */
export function postedError(error: unknown, job: number): PostedError {
  if (!(error instanceof Error)) return { job, name: 'Error', message: String(error) };
  const { name, message, stack } = error;
  if (!(error instanceof RefractError)) return { job, name, message, stack };
  const { code, what, at, line, hint } = error;
  return { job, name, message, stack, refract: { code, what, at, line, hint } };
}

/** The error again; its stack is that of the worker. */
export function errorOf({ name, message, stack, refract }: PostedError): Error {
  const error = refract ? new RefractError(refract.code, refract.what, refract) : new Error(message);
  error.name = name;
  if (stack !== undefined) error.stack = stack;
  return error;
}
