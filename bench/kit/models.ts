/** The stages that make models: a teacher for each seed, and of it a head start and a pack for each language. */

import { canonicalJson } from '../../src/data/canonical-json.ts';
import { RefractError } from '../../src/errors.ts';
import { type RetrieverCheckpoint, readCheckpoint } from '../../src/model/checkpoint.ts';
import { checkPackFits, modelFingerprint } from '../../src/model/fingerprint.ts';
import type { ProgressFactory } from '../../src/progress.ts';
import { changes } from '../../src/study/cell-identity.ts';
import { distill } from '../../src/train/distill.ts';
import type { TrainingReport } from '../../src/train/loop.ts';
import { teach } from '../../src/train/teach.ts';
import type { WorkControl } from '../../src/train/work.ts';
import type { CellPlan, CellRecord, CellResult, Cells } from './cells.ts';
import { type KitFiles, packFiles, TEACHER_FILES } from './files.ts';
import { type Language, type PackKind, packSettings, slug, teacherSettings } from './plan.ts';

/** Where and how a stage works. */
export interface Workplace {
  readonly kit: KitFiles;
  readonly cells: Cells;
  readonly threads: number;
  readonly progress: ProgressFactory;
  readonly signal: AbortSignal;
}

/** Trains the teacher of a seed, unless it is there. */
export async function makeTeacher(place: Workplace, seed: number): Promise<void> {
  const plan = teacherPlan(place, seed);
  if (place.cells.finished(plan, { adopt: () => adoptModel(place, plan) })) return;
  const data = await place.kit.teacherData();
  await makeModel(place, plan, (folder, control) => teach(data, teacherSettings(seed), folder, control));
}

/** Makes a head start or a pack, unless it is there. Both come from `distill`; a head start takes no step. */
export async function makePack(
  place: Workplace,
  seed: number,
  kind: PackKind,
  language: Language,
): Promise<void> {
  const plan = packPlan(place, seed, kind, language);
  if (place.cells.finished(plan, { adopt: () => adoptModel(place, plan) })) return;
  const input = await place.kit.packData(language);
  const teacher = readCheckpoint(place.cells.folder(`teacher-${seed}`));
  await makeModel(place, plan, (folder, control) =>
    distill(teacher, input, packSettings(kind, seed), folder, control),
  );
}

/** The record of a seed's teacher, which must be there. */
export function requireTeacher(place: Workplace, seed: number): CellRecord {
  const plan = teacherPlan(place, seed);
  return place.cells.require(plan, () => adoptModel(place, plan));
}

/** The record of a head start or a pack, which must be there. */
export function requirePack(place: Workplace, seed: number, kind: PackKind, language: Language): CellRecord {
  const plan = packPlan(place, seed, kind, language);
  return place.cells.require(plan, () => adoptModel(place, plan));
}

/** The name of a model's cell. */
export function modelCell(system: string, seed: number): string {
  return `${slug(system)}-${seed}`;
}

function teacherPlan({ kit }: Workplace, seed: number): CellPlan {
  return {
    name: modelCell('teacher', seed),
    stage: 'teacher',
    settings: teacherSettings(seed),
    data: kit.hash(TEACHER_FILES),
    from: {},
  };
}

function packPlan(place: Workplace, seed: number, kind: PackKind, language: Language): CellPlan {
  const { fingerprint = '' } = requireTeacher(place, seed);
  return {
    name: modelCell(`${kind} ${language}`, seed),
    stage: 'packs',
    settings: packSettings(kind, seed),
    data: place.kit.hash(packFiles(language)),
    from: { [modelCell('teacher', seed)]: fingerprint },
  };
}

interface Made {
  readonly checkpoint: RetrieverCheckpoint;
  readonly report: TrainingReport;
}

/**
 * Makes a model and records its seconds: those that the training loop reports, over all its continuations, and
 * those of the rest, once, as a run without stops would need them.
 */
async function makeModel(
  { cells, threads, progress, signal }: Workplace,
  plan: CellPlan,
  make: (folder: string, control: WorkControl) => Promise<Made>,
): Promise<void> {
  const resume = cells.resumable(plan);
  cells.start(plan);
  const begin = performance.now();
  const secondsSince = (start: number) => (performance.now() - start) / 1000;
  let before = 0;
  let loopEnd = begin;
  const watched: ProgressFactory = (label, total, unit) => {
    const shown = progress(`${plan.name}: ${label}`, total, unit);
    if (label !== 'training') return shown;
    // A continued run finds its tokenizer made: the longest preparation is the whole one.
    before = Math.max(cells.preparation(plan), secondsSince(begin));
    cells.start(plan, { preparationSeconds: before });
    return {
      update: shown.update,
      end(note) {
        loopEnd = performance.now();
        shown.end(note);
      },
    };
  };
  const { checkpoint, report } = await make(cells.folder(plan.name), {
    threads,
    progress: watched,
    resume,
    signal,
  });
  cells.finish(plan, {
    fingerprint: modelFingerprint(checkpoint),
    best: report.best,
    trainingSeconds: report.seconds,
    preparationSeconds: before + secondsSince(loopEnd),
  });
}

/** Checks a model that has no record: its own settings and teacher must be the plan's. */
function adoptModel({ cells }: Workplace, plan: CellPlan): CellResult {
  const at = cells.folder(plan.name);
  const checkpoint = readCheckpoint(at);
  const { settings } = checkpoint;
  const { settings: made, report } = settings.training as { settings?: unknown; report?: TrainingReport };
  if (canonicalJson(made) !== canonicalJson(plan.settings))
    throw new RefractError(
      'RESUME_MISMATCH',
      `the cell was made with other settings: ${changes(made, plan.settings).join('; ')}`,
      { at, hint: 'It cannot be adopted: --redo makes it again, or choose another --out.' },
    );
  for (const [teacher, fingerprint] of Object.entries(plan.from))
    if (settings.kind === 'pack') checkPackFits(settings, fingerprint, `${at}, made from ${teacher}`);
  return {
    fingerprint: modelFingerprint(checkpoint),
    best: report?.best,
    trainingSeconds: report?.seconds,
  };
}
