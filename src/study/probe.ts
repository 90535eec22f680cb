/**
 * The probe of `refract study plan`: cells of the same study on samples of its data, with a few steps of each
 * training. One cell of each group is made at several sizes of the sample, so that what it costs can be told from
 * what does not grow (`extrapolation.ts`).
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ProgressFactory, silent } from '../progress.ts';
import { readMetrics } from '../train/metrics-log.ts';
import type { Cell } from './cell.ts';
import { type CellRecord, cellBytes, cellFolder, peakMemory } from './cell-record.ts';
import { studyMatrix } from './matrix.ts';
import { type SampleShares, type SampleSize, sampleStudy } from './probe-data.ts';
import { type RunCellsOptions, runCells } from './run-cells.ts';
import { StudyFiles } from './study-files.ts';
import type { ArmSettings, Study } from './study-schema.ts';

/** Time of a piece of work. */
export interface WorkTime {
  readonly seconds: number;
  /** Of all cores together. */
  readonly processor: number;
}

/** What one stage of a cell's work took, by its label. */
export interface StageTime {
  readonly label: string;
  readonly seconds: number;
}

/** What making a cell took. */
export interface MakingTime extends WorkTime {
  /** In their order; some of the work is in none. */
  readonly stages: readonly StageTime[];
  /** The most resident memory that was seen: what the process had not given back of cells before is in it. */
  readonly memoryBytes: number;
}

/** What making a cell of the probe took. */
export interface Measurement extends MakingTime {
  readonly cell: Cell;
  readonly bytes: number;
  /** Where it trained: seconds of the whole loop, of what the first step does once, of a step and of a dev measure. */
  readonly training?: {
    readonly loop: number;
    readonly first: number;
    readonly step: number;
    readonly measure: number;
  };
}

/** One pass of the probe: the sample, and by group the cells that were made, in their order. */
export interface ProbePass {
  readonly shares: SampleShares;
  readonly groups: ReadonlyMap<string, readonly Measurement[]>;
}

/**
 * The passes. `least` and `training` differ in the training data alone, `queries` and `whole` add to the test sets
 * of `training`. `lexical` has the test sets of `whole` on the training data of `least`, for cells that need no
 * model and whose translations are learnt from the bitext each time.
 */
export type ProbePasses = Readonly<Record<'least' | 'lexical' | 'training' | 'queries' | 'whole', ProbePass>>;

/** Steps of each training: the first compiles and allocates, the others are timed. */
const TIMED_STEPS = 8;
const FEWEST_STEPS = 2;

/** Queries and passages of each test set, English and of all languages together: of small and of large samples. */
const FEW = { queries: 4, passages: 64, ownPassages: 32 };
const MANY = { queries: 32, passages: 400, ownPassages: 160 };

/** Of the training data, the large sample has this share, or so many items if that is more; the small one a quarter. */
const TRAINING_SHARE = 1 / 16;
const TRAINING_ITEMS = 10_000;

/** What a probe found. */
export interface Probe {
  readonly passes: ProbePasses;
  /** Peak memory with all training data read, before the first cell. */
  readonly loadedMemory: number;
}

/**
 * Runs the probe in a temporary folder, which is removed again.
 *
 * @throws RefractError what `runCells` throws
 */
export async function probe(files: StudyFiles, options: RunCellsOptions): Promise<Probe> {
  const share = Math.min(1, Math.max(TRAINING_SHARE, TRAINING_ITEMS / (await trainingItems(files))));
  const loadedMemory = peakMemory();
  const folder = mkdtempSync(join(tmpdir(), 'refract-probe-'));
  let begun = 0;
  const pass = (size: SampleSize, steps: number, chosen: (cell: Cell) => boolean) => {
    const which = `probe ${++begun} of 5`;
    const tell = (message: string) => options.tell?.(`${which}: ${message}`);
    return makePass(files, folder, size, steps, chosen, { ...options, tell });
  };
  try {
    const [small, large] = [share / 4, share];
    const passes: ProbePasses = {
      least: await pass({ training: small, ...FEW }, FEWEST_STEPS, (c) => !isOfTest(c) || isLexical(c)),
      lexical: await pass({ training: small, ...MANY }, FEWEST_STEPS, isLexical),
      training: await pass({ training: large, ...FEW }, TIMED_STEPS, () => true),
      queries: await pass(
        { training: large, ...FEW, queries: MANY.queries },
        TIMED_STEPS,
        (c) => isOfTest(c) && !isLexical(c),
      ),
      whole: await pass({ training: large, ...MANY }, TIMED_STEPS, (c) => isOfTest(c) && !isLexical(c)),
    };
    return { passes, loadedMemory };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Whether a cell works on a test set. */
export function isOfTest({ kind }: Pick<Cell, 'kind'>): boolean {
  return ['translations', 'index', 'runs', 'answers', 'choices', 'scores'].includes(kind);
}

/** Whether a cell searches without a model: alone among the cells of test sets, it may learn from the bitext. */
export function isLexical({ kind, needs }: Pick<Cell, 'kind' | 'needs'>): boolean {
  return kind === 'runs' && needs.length === 0;
}

async function trainingItems(files: StudyFiles): Promise<number> {
  const { train, languages } = files.study;
  let items = (await files.queries(train.queries)).length;
  for (const code of Object.keys(languages))
    items += (await files.pairs(code)).length + (await files.dictionary(code)).length;
  return items;
}

/** Makes cells on a sample; those whose data are as in the pass before stay, and are not measured again. */
async function makePass(
  files: StudyFiles,
  folder: string,
  size: SampleSize,
  steps: number,
  chosen: (cell: Cell) => boolean,
  options: RunCellsOptions,
): Promise<ProbePass> {
  const { study, shares } = await sampleStudy(files, join(folder, 'data'), size);
  const sampled = await StudyFiles.open(probeStudy(study, steps, shares.training), files.root);
  // In a sample's few passages the judged ones are found far more often.
  const { cells } = studyMatrix(sampled, { readAll: true });
  const out = join(folder, 'out');
  const made = new Map<Cell, MakingTime>();
  const watched = probeCells(cells, chosen).map((cell) => watchCell(cell, (time) => made.set(cell, time)));
  const records = await runCells(watched, { ...options, out, jobs: 1, redo: true });
  const groups = new Map<string, Measurement[]>();
  for (const [cell, time] of made) {
    const training = trainingOf(out, cell, records.get(cell.name)!);
    const measurement = { ...time, cell, bytes: cellBytes(out, cell), training };
    groups.set(cell.group, [...(groups.get(cell.group) ?? []), measurement]);
  }
  return { shares, groups };
}

/**
 * The chosen cells that stand for their groups, with all that they need: the first of each, and of students that
 * share passage vectors two, since the first alone encodes them.
 */
export function probeCells(cells: readonly Cell[], chosen: (cell: Cell) => boolean): Cell[] {
  const taken = new Map<string, number>();
  const wanted = new Set<Cell>();
  const add = (cell: Cell): void => {
    if (wanted.has(cell)) return;
    for (const need of cell.needs) add(need);
    wanted.add(cell);
  };
  for (const cell of cells) {
    const count = taken.get(cell.group) ?? 0;
    if (!chosen(cell) || count >= (cell.training?.lookUps ? 2 : 1)) continue;
    taken.set(cell.group, count + 1);
    add(cell);
  }
  return cells.filter((cell) => wanted.has(cell));
}

/** Milliseconds between two looks at the memory. */
const LOOK_EVERY = 20;

/** The same cell, which tells what making it took. */
export function watchCell(cell: Cell, tell: (time: MakingTime) => void): Cell {
  return {
    ...cell,
    async make(work) {
      const stages: StageTime[] = [];
      let memoryBytes = 0;
      const look = () => {
        memoryBytes = Math.max(memoryBytes, process.memoryUsage.rss());
      };
      const looking = setInterval(look, LOOK_EVERY);
      const progress = timedStages(work.control.progress ?? silent, (stage) => stages.push(stage));
      const start = performance.now();
      const used = process.cpuUsage();
      try {
        const result = await cell.make({ ...work, control: { ...work.control, progress } });
        look();
        const { user, system } = process.cpuUsage(used);
        tell({
          seconds: (performance.now() - start) / 1000,
          processor: (user + system) / 1e6,
          stages,
          memoryBytes,
        });
        return result;
      } finally {
        clearInterval(looking);
      }
    },
  };
}

/** The same progress, which tells of each stage that came to its end. */
function timedStages(progress: ProgressFactory, tell: (stage: StageTime) => void): ProgressFactory {
  return (label, total, unit) => {
    const shown = progress(label, total, unit);
    const start = performance.now();
    return {
      update: (done, note) => shown.update(done, note),
      end: (note) => {
        tell({ label, seconds: (performance.now() - start) / 1000 });
        shown.end(note);
      },
    };
  };
}

function trainingOf(out: string, cell: Cell, { result }: CellRecord): Measurement['training'] {
  const { steps, trainingSeconds } = result;
  if (cell.training === undefined || !steps || trainingSeconds === undefined) return undefined;
  const lines = readMetrics(join(cellFolder(out, cell), 'metrics.jsonl'));
  const times = lines.filter((line) => 'loss' in line).map(({ seconds }) => seconds);
  const step = times.length > 1 ? (times[times.length - 1] - times[0]) / (times.length - 1) : times[0];
  const measured = lines.filter((line) => 'dev' in line).map(({ seconds }) => seconds);
  return {
    loop: trainingSeconds,
    first: Math.max(0, times[0] - (measured.length > 1 ? measured[0] : 0) - step),
    step,
    // The first measure, of the start, also compiles; the last is after the last step.
    measure: measured.length > 0 ? Math.max(0, measured[measured.length - 1] - times[times.length - 1]) : 0,
  };
}

/**
 * The study with one seed, one share and a few steps of each training, on `share` of the training data. It has both
 * designs, for two students that share passage vectors.
 */
export function probeStudy(study: Study, steps: number, share: number): Study {
  // A dev measure after the last step; states to resume from only beyond it, at another step for each arm: arms
  // that differ in their steps alone would be one otherwise.
  const few = (settings: Record<string, unknown> = {}, place = 0, measured = true) => ({
    ...settings,
    train: {
      ...(settings.train as Record<string, unknown> | undefined),
      steps,
      checkpointEvery: 1000 + place,
      ...(measured && { evaluateEvery: steps === TIMED_STEPS ? steps : 0 }),
    },
  });
  const short = (arm: ArmSettings, place: number): ArmSettings => {
    switch (arm.kind) {
      case 'code-switched':
        return { ...arm, rho: undefined, designs: undefined, settings: few(arm.settings, place, false) };
      case 'optical':
      case 'sentence-mse':
      case 'contrastive':
        return { ...arm, settings: few(arm.settings, place) };
      case 'mean-shift':
        return { ...arm, sentences: Math.ceil(arm.sentences * share) };
      default:
        return arm;
    }
  };
  const { teacher, reader } = study;
  return {
    ...study,
    seeds: study.seeds.slice(0, 1),
    rho: study.rho.slice(0, 1),
    designs: ['natural', 'matched'],
    teacher: 'size' in teacher ? { ...teacher, settings: few(teacher.settings) } : teacher,
    ...(reader && { reader: { ...reader, settings: few(reader.settings) } }),
    arms: Object.fromEntries(
      Object.entries(study.arms).map(([name, arm], place) => [name, short(arm, place)]),
    ),
  };
}
