/**
 * Long work in turns. A stage has a name, shows progress, gives the event loop a turn about every 50 ms (so
 * that Ctrl-C is heard), and stops there when it was asked to. What is computed never depends on where the
 * turns fall.
 */
import { RefractError } from './errors.ts';
import { clock, type Progress, type ProgressFactory, silent } from './progress.ts';

/** How long work is watched and stopped. */
export interface StageControl {
  readonly progress?: ProgressFactory;
  /** Aborted by SIGINT. */
  readonly signal?: AbortSignal;
  /** The folder of the run that the work belongs to, where it can be resumed. */
  readonly directory?: string;
}

/** Work between two turns, in milliseconds. */
const TURN = 50;

/** The error of work that was stopped; `directory` is the folder of a run that can be resumed. */
export function interruption(what: string, directory: string | undefined): RefractError {
  return new RefractError('INTERRUPTED', what, {
    at: directory,
    hint: directory ? 'Run the same command with --resume to continue.' : 'Nothing was kept.',
  });
}

/**
 * One named stage of long work. The first turn is due at once, so that its name is shown when it begins.
 *
 * @example
 * const stage = new Stage('counting words', texts.length, 'texts', { progress, signal });
 * for (let i = 0; i < texts.length; i++) {
 *   count(texts[i]);
 *   if (stage.due()) await stage.turn(i + 1);
 * }
 * stage.end();
 */
export class Stage {
  private readonly label: string;
  private readonly control: StageControl;
  private readonly progress: Progress;
  private readonly start = performance.now();
  private turned = -Infinity;

  /**
   * Begins a stage of `total` units (0 when unknown). `label` says what is being done: 'aligning words'.
   *
   * @throws RefractError `INTERRUPTED` when the work was stopped before
   */
  constructor(label: string, total: number, unit: string, control: StageControl = {}) {
    this.label = label;
    this.control = control;
    this.stopIfAsked();
    this.progress = (control.progress ?? silent)(label, total, unit);
  }

  /** Whether enough work was done since the last turn. */
  due(): boolean {
    return performance.now() - this.turned >= TURN;
  }

  /**
   * Gives the event loop a turn; `done` units are finished.
   *
   * @throws RefractError `INTERRUPTED` when the work was asked to stop
   */
  async turn(done: number, note?: string): Promise<void> {
    this.progress.update(done, note);
    await new Promise((resolve) => setImmediate(resolve));
    this.stopIfAsked();
    this.turned = performance.now();
  }

  /**
   * The same for work that waits by itself, such as for a model's batches.
   *
   * @throws RefractError `INTERRUPTED` when the work was asked to stop
   */
  report(done: number, note?: string): void {
    this.progress.update(done, note);
    this.stopIfAsked();
  }

  /** The stage is finished. */
  end(note?: string): void {
    this.progress.end(note);
  }

  private stopIfAsked(): void {
    if (this.control.signal?.aborted !== true) return;
    const seconds = (performance.now() - this.start) / 1000;
    throw interruption(`stopped while ${this.label} after ${clock(seconds)}`, this.control.directory);
  }
}

/**
 * `items.map(each)` as a stage of its own. Errors: those of `each`, and `INTERRUPTED`.
 *
 * @example await mapInTurns(texts, (text) => tokenizer.encode(text), 'cutting texts into tokens', 'texts', control)
 */
export async function mapInTurns<Item, Result>(
  items: readonly Item[],
  each: (item: Item, index: number) => Result,
  label: string,
  unit: string,
  control: StageControl = {},
): Promise<Result[]> {
  const stage = new Stage(label, items.length, unit, control);
  const results: Result[] = [];
  for (let i = 0; i < items.length; i++) {
    results.push(each(items[i], i));
    if (stage.due()) await stage.turn(i + 1);
  }
  stage.end();
  return results;
}
