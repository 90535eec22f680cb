/**
 * A cell is a folder that one stage makes: a teacher, a head start, a pack, the runs of a seed. `NAME.cell.json`
 * beside it says what it was made from. A finished cell is not made again; one that was made from other
 * settings, data or models than today's is stale, and is refused or, when asked, made again.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { writeFileAtomic } from '../../src/data/atomic.ts';
import { RefractError } from '../../src/errors.ts';
import { describeChanges, identity } from '../../src/study/cell-identity.ts';

/** What a cell is to be made from. */
export interface CellPlan {
  /** The folder's name, such as `pack-sw-1`. */
  readonly name: string;
  /** The stage that makes it, for messages. */
  readonly stage: string;
  readonly settings: unknown;
  /** SHA-256 of each data file. */
  readonly data: Readonly<Record<string, string>>;
  /** Fingerprints of the models that it is made from, by name of their cell. */
  readonly from: Readonly<Record<string, string>>;
}

const resultSchema = z.object({
  /** Fingerprint of the model; absent for runs. */
  fingerprint: z.string().optional(),
  /** Best dev measure and its step; step 0 of a pack is its head start. */
  best: z.object({ value: z.number(), step: z.number() }).optional(),
  /** Of the training loop as its report has it, stops and resumes included. */
  trainingSeconds: z.number().optional(),
  /** Of all else: tokenizer, hard negatives, word alignment, compiling, writing. Unknown for adopted cells. */
  preparationSeconds: z.number().optional(),
});
/** What making a cell gave. */
export type CellResult = z.output<typeof resultSchema>;

const recordSchema = resultSchema.extend({
  identity: z.string(),
  state: z.enum(['started', 'finished']),
  settings: z.unknown(),
  data: z.record(z.string(), z.string()),
  from: z.record(z.string(), z.string()),
  /** Each commit that worked on it, `-dirty` with changes that were not committed. */
  commits: z.array(z.string()),
  /** Absent for adopted cells. */
  threads: z.number().optional(),
  /** Made before there were records: settings were compared, data hashes are those of the day of adoption. */
  adopted: z.boolean().optional(),
});
/** The content of `NAME.cell.json`. */
export type CellRecord = z.output<typeof recordSchema>;

/** What to do with cells that are not today's. */
export interface CellOptions {
  readonly threads: number;
  readonly commit: string;
  /** Accept models without a record if their settings are today's. */
  readonly adopt: boolean;
  /** Make stale cells again instead of refusing them. */
  readonly redo: boolean;
  readonly say: (message: string) => void;
}

/** The cells of an output folder. */
export class Cells {
  private readonly out: string;
  private readonly options: CellOptions;

  constructor(out: string, options: CellOptions) {
    this.out = out;
    this.options = options;
  }

  /** The folder of a cell. */
  folder(name: string): string {
    return join(this.out, name);
  }

  /**
   * The record of a finished cell, or undefined when it is to be made. Throws `RESUME_MISMATCH` for a stale
   * cell, and for one without a record, unless it may be made again or adopted.
   *
   * @param adopt checks a folder without a record against the plan; without it such a folder is made again
   */
  finished(plan: CellPlan, { adopt, redo }: { adopt?: () => CellResult; redo?: boolean } = {}) {
    const { name } = plan;
    const { say } = this.options;
    const again = redo ?? this.options.redo;
    const record = this.read(name);
    const present = existsSync(this.folder(name));
    if (record === undefined) {
      if (!present) return undefined;
      if (adopt && this.options.adopt) return this.adopt(plan, adopt());
      if (!again)
        throw this.stale(name, `has no ${name}.cell.json`, '--adopt accepts it, --redo makes it again');
      say(`${name} has no record and is made again`);
      return undefined;
    }
    const changes = describeChanges(record, plan);
    if (changes.length === 0) return record.state === 'finished' && present ? record : undefined;
    if (!again)
      throw this.stale(
        name,
        `is stale: ${changes.join('; ')}`,
        '--redo makes stale cells again, or choose another --out',
      );
    say(`${name} is stale and is made again: ${changes.join('; ')}`);
    return undefined;
  }

  /** The record of a cell that must be there for another stage. */
  require(plan: CellPlan, adopt?: () => CellResult): CellRecord {
    const record = this.finished(plan, { adopt, redo: false });
    if (record) return record;
    throw new RefractError('FILE_MISSING', 'the cell is not finished', {
      at: this.folder(plan.name),
      hint: `Make it with --stage ${plan.stage}.`,
    });
  }

  /** Whether a run of this plan was stopped and can go on. */
  resumable(plan: CellPlan): boolean {
    const record = this.read(plan.name);
    return (
      record?.state === 'started' &&
      record.identity === identity(plan) &&
      existsSync(`${this.folder(plan.name)}.run`)
    );
  }

  /** Seconds of preparation that an earlier part of a stopped run needed; 0 for a new run. */
  preparation(plan: CellPlan): number {
    return this.resumable(plan) ? (this.read(plan.name)?.preparationSeconds ?? 0) : 0;
  }

  /** Records that work on a cell begins, or goes on; `result` is what is known so far. */
  start(plan: CellPlan, result: CellResult = {}): void {
    const before = this.resumable(plan) ? this.read(plan.name) : undefined;
    this.write(plan, { ...before, ...result }, 'started', before?.commits);
  }

  /** Records that a cell is finished. */
  finish(plan: CellPlan, result: CellResult): CellRecord {
    return this.write(plan, result, 'finished', this.read(plan.name)?.commits);
  }

  private adopt(plan: CellPlan, result: CellResult): CellRecord {
    this.options.say(`${plan.name} was made before cells were recorded and is adopted`);
    return this.write(plan, result, 'finished', ['unknown'], true);
  }

  private write(
    plan: CellPlan,
    result: CellResult,
    state: CellRecord['state'],
    earlier: readonly string[] = [],
    adopted?: boolean,
  ): CellRecord {
    const { commit, threads } = this.options;
    const record: CellRecord = {
      identity: identity(plan),
      state,
      ...resultSchema.parse(result),
      commits: adopted ? [...earlier] : [...new Set([...earlier, commit])],
      threads: adopted ? undefined : threads,
      adopted,
      from: { ...plan.from },
      data: { ...plan.data },
      settings: plan.settings,
    };
    writeFileAtomic(this.recordPath(plan.name), `${JSON.stringify(record, null, 2)}\n`);
    return record;
  }

  private read(name: string): CellRecord | undefined {
    const path = this.recordPath(name);
    return existsSync(path) ? recordSchema.parse(JSON.parse(readFileSync(path, 'utf8'))) : undefined;
  }

  private recordPath(name: string): string {
    return `${this.folder(name)}.cell.json`;
  }

  private stale(name: string, what: string, way: string): RefractError {
    return new RefractError('RESUME_MISMATCH', `the cell ${what}`, {
      at: this.folder(name),
      hint: `${way}.`,
    });
  }
}

/** The short commit of the checkout, with `-dirty` when its code has changes; `unknown` outside a checkout. */
export function codeCommit(): string {
  const git = (...args: string[]) => execFileSync('git', args, { encoding: 'utf8', stdio: 'pipe' }).trim();
  try {
    const dirty = git('status', '--porcelain', '--', ':/src', ':/bench', ':/package-lock.json') !== '';
    return `${git('rev-parse', '--short', 'HEAD')}${dirty ? '-dirty' : ''}`;
  } catch {
    return 'unknown';
  }
}
