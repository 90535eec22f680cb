/** What parts of a study file ask of each other, beside what the schema says of each alone. */
import { z } from 'zod';
import { nearest } from '../errors.ts';
import { WORD_TABLE } from '../model/families/index.ts';
import { languageFaults, missingMaterial } from './language-faults.ts';
import { readingsOf } from './reading-measures.ts';
import { needsOf, sharesOfArm } from './study-arms.ts';
import { type Fault, refusalOf } from './study-fault.ts';
import { checkMeasure, ranksOf } from './study-measures.ts';
import type { ArmSettings, Study } from './study-schema.ts';

/** What contradicts itself in a study: path and message. */
export function* contradictions(study: Study): Generator<Fault> {
  yield* languageFaults(study);
  for (const [place, name] of study.measures.entries()) {
    const wrong = refusalOf(() => checkMeasure(name));
    if (wrong !== undefined) yield [['measures', place], wrong];
    else if (ranksOf(name) > study.depth)
      yield [
        ['measures', place],
        `${name} looks at more passages than the ${study.depth} that runs keep; raise depth to ${ranksOf(name)}, or take a smaller k`,
      ];
  }
  yield* readerFaults(study);
  const { teacher } = study;
  if ('folders' in teacher) {
    const without = study.seeds.find((seed) => teacher.folders[seed] === undefined);
    if (without !== undefined)
      yield [
        ['teacher', 'folders'],
        `no teacher for seed ${without}; add teacher.folders.${without}, or leave the seed out`,
      ];
  }
  for (const [name, arm] of Object.entries(study.arms)) {
    for (const need of needsOf(arm)) {
      const missing = missingMaterial(study, need);
      if (missing !== undefined) yield [['arms', name], missing];
    }
    if (arm.kind === 'translation') yield* modelFaults(name, arm, study);
    if ('from' in arm && arm.from !== undefined) {
      const from = study.arms[arm.from];
      if (from?.kind !== 'optical' || from.packs !== 'one')
        yield [['arms', name, 'from'], `"${arm.from}" is no optical arm with one pack for all languages`];
    }
    if (arm.kind === 'code-switched') yield* pointFaults(name, arm, study);
    if (arm.kind === 'fusion') yield* fusionFaults(name, arm, study);
    if (arm.kind === 'english-oracle') {
      for (const [test, { passages, queries }] of Object.entries(study.tests)) {
        const missing = !queries.en
          ? 'queries'
          : typeof passages !== 'string' && !passages.en
            ? 'passages'
            : undefined;
        if (missing)
          yield [['arms', name], `the arm needs English ${missing}; add tests.${test}.${missing}.en`];
      }
    }
  }
}

function* readerFaults({ reader, measures, tests, languages, arms }: Study): Generator<Fault> {
  if (reader === undefined && readingsOf(measures).length > 0)
    yield [['measures'], 'f1@ and em@ need a reader; add reader: {}, or leave the measures out'];
  const strange = reader?.tests?.find((test) => tests[test] === undefined);
  if (strange !== undefined) {
    const near = nearest(strange, Object.keys(tests));
    yield [['reader', 'tests'], `there is no test set "${strange}"${near ? `; did you mean ${near}?` : ''}`];
  }
  const unknown = reader?.languages?.find((code) => code !== 'en' && languages[code] === undefined);
  if (unknown !== undefined) yield [['reader', 'languages'], `"${unknown}" is not among languages`];
  const missing = reader?.arms?.find((arm) => arms[arm] === undefined);
  if (missing !== undefined) yield [['reader', 'arms'], noArm(missing, arms)];
  const freeze = z.object({ train: z.object({ freeze: z.array(z.string()) }) }).safeParse(reader?.settings);
  if (freeze.success && !freeze.data.train.freeze.some((part) => WORD_TABLE.includes(part)))
    yield [
      ['reader', 'settings', 'train', 'freeze'],
      "the word table must stay the teacher's, so that students may lend theirs; add word_embeddings",
    ];
}

/** What an arm asks for beyond the shares and designs of the study. */
function* pointFaults(
  name: string,
  arm: Extract<ArmSettings, { kind: 'code-switched' }>,
  study: Study,
): Generator<Fault> {
  for (const key of ['rho', 'designs'] as const) {
    const all: readonly (string | number)[] = study[key];
    const strange = arm[key]?.find((each) => !all.includes(each));
    if (strange !== undefined)
      yield [
        ['arms', name, key],
        `${strange} is not among the study's ${key} (${all.join(', ')}); add it there`,
      ];
  }
}

function* fusionFaults(
  name: string,
  { of, weights = of.map(() => 1) }: Extract<ArmSettings, { kind: 'fusion' }>,
  study: Study,
): Generator<Fault> {
  for (const part of of) {
    const kind = study.arms[part]?.kind;
    if (kind === undefined) {
      yield [['arms', name, 'of'], noArm(part, study.arms)];
    } else if (kind === 'fusion' || kind === 'english-oracle')
      yield [
        ['arms', name, 'of'],
        `"${part}" cannot be fused: it is ${kind === 'fusion' ? 'a fusion itself' : 'the oracle'}`,
      ];
  }
  const { rho, designs } = sharesOfArm(study, study.arms[name]);
  if (rho.length === 0 || designs.length === 0)
    yield [['arms', name, 'of'], 'its arms have no share and design in common'];
  if (weights.length !== of.length || weights.every((weight) => weight === 0))
    yield [['arms', name, 'weights'], `give a weight for each of the ${of.length} arms, not all 0`];
}

function noArm(name: string, arms: Study['arms']): string {
  const near = nearest(name, Object.keys(arms));
  return `there is no arm "${name}"${near ? `; did you mean ${near}?` : ''}`;
}

function* modelFaults(
  name: string,
  { models, ...arm }: Extract<ArmSettings, { kind: 'translation' }>,
  { tests, languages }: Study,
): Generator<Fault> {
  const strange = Object.keys(models).find((code) => !languages[code]?.train);
  if (strange !== undefined)
    yield [
      ['arms', name, 'models', strange],
      languages[strange] === undefined
        ? `"${strange}" is not among languages`
        : `no arm has data of "${strange}" (train: false), so none translates it; leave the model out`,
    ];
  const asked = Object.values(tests).flatMap(({ passages, queries }) =>
    typeof passages === 'string' ? Object.keys(queries) : [],
  );
  const without = asked.find((code) => languages[code]?.train && models[code] === undefined);
  if (without !== undefined)
    yield [
      ['arms', name],
      `the arm needs a translation model for every language, and "${without}" has none; add arms.${name}.models.${without}, or leave the arm out`,
    ];
  if (arm.stem && arm.then === 'teacher') yield [['arms', name, 'stem'], 'only BM25 stems; leave it out'];
}
