/** The cells with students of code-switched questions. */
import type { LexiconEntry } from '../data/records.ts';
import type { SwitchReport } from '../data/switching/report.ts';
import { SwitchLexicon } from '../data/switching/switch-lexicon.ts';
import { readCheckpoint } from '../model/checkpoint.ts';
import { teachSwitched } from '../train/switched.ts';
import { switchedDefaults, switchedSchema } from '../train/switched-settings.ts';
import type { Cell } from './cell.ts';
import type { RealisedShares } from './cell-result.ts';
import { languageFiles } from './file-names.ts';
import { type Point, readModel, type StudyContext, startCell, teacherCell, trained } from './models.ts';
import { negativesCell, readNegatives } from './negatives.ts';
import { settingsOver } from './overrides.ts';
import { languagesOfStudy } from './study-languages.ts';
import type { ArmSettings } from './study-schema.ts';

type Switched = Extract<ArmSettings, { kind: 'code-switched' }>;

/** A student of code-switched questions at a point of the matrix. */
export function switchedCell(
  context: StudyContext,
  arm: string,
  switched: Switched,
  { seed, rho = 0, design = 'natural' }: Point,
): Cell {
  const { study, files, table } = context;
  const teacher = teacherCell(context, seed);
  const { trained: languages, low: lower } = languagesOfStudy(study);
  const start = startCell(context, switched.from, seed);
  const settings = settingsOver(switchedSchema, { ...switchedDefaults(), seed }, switched.settings, {
    switching: { rho, design },
  });
  const { train } = study;
  const { negatives: perQuestion, negativeDepth } = settings.batch;
  const negatives = perQuestion > 0 ? negativesCell(context, negativeDepth) : undefined;
  const low = languages.filter((code) => lower.has(code));
  return table.add({
    name: ['student', arm, `rho${rho}`, design, seed].join('-'),
    kind: 'student',
    group: `student ${arm}`,
    settings: { settings, languages, low, files: languageFiles(study, languages, ['dictionary']) },
    data: files.hash([
      ...[train.passages, train.queries, train.judgments],
      ...languages.flatMap((code) => study.languages[code].dictionary ?? []),
    ]),
    needs: [teacher, ...(start ? [start] : []), ...(negatives ? [negatives] : [])],
    training: {
      steps: settings.train.steps,
      evaluateEvery: 0,
      lookUps: {
        teacher: teacher.name,
        perStep: settings.train.accumulate * settings.batch.queries * (1 + perQuestion),
        draws: JSON.stringify([seed, settings.batch]),
      },
    },
    async make({ folder, folderOf, control }) {
      const dictionaries = new Map<string, readonly LexiconEntry[]>();
      for (const code of languages) dictionaries.set(code, await files.dictionary(code));
      const input = {
        passages: await files.passages(train.passages),
        queries: await files.queries(train.queries),
        judgments: await files.judgments(train.judgments),
        lexicon: new SwitchLexicon(dictionaries),
        low,
        start: start && readModel(context, seed, folderOf, start),
        negatives: negatives && (await readNegatives(folderOf(negatives))),
        passageVectors: context.passageVectors.of(teacher.name),
      };
      const made = await teachSwitched(readCheckpoint(folderOf(teacher)), input, settings, folder, control);
      const warnings = [...quotaWarnings(made.switching), ...(await files.dictionaryNotes(languages))];
      return {
        ...trained(made.report),
        switching: realised(made.switching),
        ...(warnings.length > 0 && { warnings }),
      };
    },
  });
}

/** The shares of a training over the questions that it drew. */
function realised({ asked, realised: done, languages, texts, matched }: SwitchReport): RealisedShares {
  const lacking = Object.values(languages).reduce((sum, { short = 0 }) => sum + short, 0);
  return {
    askedP: asked.p,
    p: done.p,
    askedRho: asked.rho,
    rho: done.rho,
    languages: { ...done.languages },
    coverage: Object.fromEntries(
      Object.entries(languages).map(([code, { coverage }]) => [code, coverage.words]),
    ),
    questions: texts,
    ...(matched && { short: lacking }),
  };
}

/** Says that dictionaries do not allow the quotas of a matched design, and how much would be possible. */
function quotaWarnings({ asked, languages, matched }: SwitchReport): string[] {
  if (matched === undefined || matched.feasible) return [];
  const lacking = Object.entries(languages).flatMap(([code, { quota = 0, short = 0 }]) =>
    short > 0 ? [`${code} ${short} of ${quota}`] : [],
  );
  return [
    `the quotas of the matched design could not be met, as the dictionaries know too few words of the drawn questions: ${lacking.join(', ')} words are lacking. At rho ${asked.rho} the largest p is ${matched.largestP.toFixed(3)}, asked was ${asked.p}; set switching.p to no more, or give larger dictionaries`,
  ];
}
