/** The cells with students of the bitext by published baselines. */
import { readCheckpoint } from '../model/checkpoint.ts';
import { teachBitext } from '../train/bitext.ts';
import {
  type BitextSettings,
  contrastiveDefaults,
  contrastiveSchema,
  sentenceMseDefaults,
  sentenceMseSchema,
} from '../train/bitext-settings.ts';
import type { Cell } from './cell.ts';
import { languageFiles } from './file-names.ts';
import { inOrder, readModel, type StudyContext, startCell, teacherCell, trained } from './models.ts';
import { settingsOver } from './overrides.ts';
import { languagesOfStudy } from './study-languages.ts';
import type { ArmSettings } from './study-schema.ts';

type Bitext = Extract<ArmSettings, { kind: 'sentence-mse' | 'contrastive' }>;

/** A student of all trained languages' bitext, started from the teacher or from another arm's pack. */
export function bitextCell(context: StudyContext, arm: string, bitext: Bitext, seed: number): Cell {
  const { study, files, table } = context;
  const teacher = teacherCell(context, seed);
  const start = startCell(context, bitext.from, seed);
  const settings = settingsOf(bitext, seed);
  const languages = languagesOfStudy(study).trained;
  return table.add({
    name: `student-${arm}-${seed}`,
    kind: 'student',
    group: `student ${arm}`,
    settings: { settings, languages, files: languageFiles(study, languages, ['bitext', 'devBitext']) },
    data: files.hash(
      languages.flatMap((code) => {
        const { bitext: pairs = [], devBitext = [] } = study.languages[code];
        return [...pairs, ...devBitext];
      }),
    ),
    needs: start ? [teacher, start] : [teacher],
    training: settings.train,
    async make({ folder, folderOf, control }) {
      const dev = await inOrder(languages, (code) => files.pairs(code, 'devBitext'));
      const input = {
        pairs: await inOrder(languages, (code) => files.pairs(code)),
        dev: dev.length > 0 ? dev : undefined,
        start: start && readModel(context, seed, folderOf, start),
      };
      return trained(
        (await teachBitext(readCheckpoint(folderOf(teacher)), input, settings, folder, control)).report,
      );
    },
  });
}

function settingsOf({ kind, settings }: Bitext, seed: number): BitextSettings {
  return kind === 'contrastive'
    ? settingsOver(contrastiveSchema, { ...contrastiveDefaults(), seed }, settings)
    : settingsOver(sentenceMseSchema, { ...sentenceMseDefaults(), seed }, settings);
}
