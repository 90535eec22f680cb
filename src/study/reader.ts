/** The cells with readers: one for each seed, whose word table is its teacher's, so that students may lend it theirs. */
import { examplesOf } from '../data/examples.ts';
import { readCheckpoint } from '../model/checkpoint.ts';
import { SIZES } from '../model/config.ts';
import { trainReader } from '../train/read.ts';
import { type ReadSettings, readDefaults, readSchema } from '../train/read-settings.ts';
import type { Cell } from './cell.ts';
import { type StudyContext, teacherCell, trained } from './models.ts';
import { settingsOver } from './overrides.ts';

/** Tensors that a study's readers take over from the teacher: words, so that a student's may take their place. */
const FROZEN = ['word_embeddings', 'position_embeddings'];

/** A reader of English, trained from the teacher of a seed on the training questions. */
export function readerCell(context: StudyContext, seed: number): Cell {
  const { study, files, table } = context;
  const { passages, queries, judgments, dev } = study.train;
  const teacher = teacherCell(context, seed);
  const settings = readerSettings(context, seed);
  return table.add({
    name: `reader-${seed}`,
    kind: 'reader',
    group: 'reader',
    settings,
    data: files.hash([passages, queries, judgments, ...(dev ? [dev.queries, dev.judgments] : [])]),
    needs: [teacher],
    training: settings.train,
    async make({ folder, folderOf, control }) {
      const collection = await files.passages(passages);
      const examples = async (part: { queries: string; judgments: string }) =>
        examplesOf(collection, await files.queries(part.queries), await files.judgments(part.judgments));
      const heldOut = dev ? await examples(dev) : [];
      const data = {
        base: readCheckpoint(folderOf(teacher)),
        examples: await examples(study.train),
        dev: heldOut.length > 0 ? heldOut : undefined,
      };
      const { report, unusable } = await trainReader(data, settings, folder, control);
      const warnings = [`${unusable} training questions left out: no answer of theirs stands in the passage`];
      return { ...trained(report), ...(unusable > 0 && { warnings }) };
    },
  });
}

/** Defaults for the teacher's encoder, with a warm-up and a first dev measure that fit the steps asked for. */
function readerSettings({ study, files }: StudyContext, seed: number): ReadSettings {
  const { teacher, reader } = study;
  const config =
    'size' in teacher
      ? { ...SIZES[teacher.size], maxPositionEmbeddings: 512 }
      : files.teacher('folder' in teacher ? teacher.folder : teacher.folders[seed]).config;
  const defaults = readDefaults(config);
  const said = (train: Partial<ReadSettings['train']>) =>
    settingsOver(
      readSchema,
      { ...defaults, seed, train: { ...defaults.train, ...train, freeze: FROZEN } },
      reader?.settings,
    );
  const { steps } = said({}).train;
  return said({
    warmupSteps: Math.min(defaults.train.warmupSteps, Math.ceil(steps / 10)),
    evaluateEvery: Math.min(defaults.train.evaluateEvery, Math.ceil(steps / 3)),
  });
}
