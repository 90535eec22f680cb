/**
 * The lever of pretraining: an encoder learns the kit's text by masked-language modelling, the passages and both
 * sides of the bitext of all four languages, and a teacher starts from it, with the steps, rates and batches of a
 * teacher from scratch. bench/levers.ts with `--teacher OUT/teacher-SEED` then says what it is worth.
 *
 *     npx tsx bench/pretraining.ts [--steps 1500] [--rate 1e-3] [--seed 1] [--threads 2] [--kit ../shared/kit]
 *       [--out runs/pretraining]
 *
 * `--rate` is that of the teacher. Both stages resume, and a finished one is not made again.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { passageText } from '../src/data/records.ts';
import { readCheckpoint } from '../src/model/checkpoint.ts';
import { streamProgress } from '../src/progress.ts';
import { pretrain } from '../src/train/pretrain.ts';
import { pretrainDefaults } from '../src/train/pretrain-settings.ts';
import { teach } from '../src/train/teach.ts';
import { teachBaseDefaults, teachDefaults } from '../src/train/teach-settings.ts';
import { KitFiles } from './kit/files.ts';
import { LANGUAGES } from './kit/plan.ts';

const { values: options } = parseArgs({
  options: {
    kit: { type: 'string', default: '../shared/kit' },
    out: { type: 'string', default: 'runs/pretraining' },
    steps: { type: 'string', default: '1500' },
    rate: { type: 'string', default: String(teachDefaults('mini').train.rate) },
    seed: { type: 'string', default: '1' },
    threads: { type: 'string', default: '2' },
  },
});
const [steps, rate, seed, threads] = [options.steps, options.rate, options.seed, options.threads].map(Number);
const kit = new KitFiles(options.kit);
const control = (folder: string) => ({
  threads,
  progress: streamProgress(process.stderr, 30),
  resume: existsSync(`${folder}.unfinished`),
});
const data = await kit.teacherData();
const scratch = teachDefaults('mini');

const encoder = join(options.out, `pretrained-${seed}-${steps}`);
if (!existsSync(encoder)) {
  const texts = data.passages.map(passageText);
  for (const language of LANGUAGES)
    for (const { pivot, target } of (await kit.packData(language)).pairs) texts.push(pivot, target);
  const defaults = pretrainDefaults('mini');
  const warmupSteps = Math.ceil(steps / 10);
  const settings = {
    ...{ ...defaults, seed, tokenizer: { vocabSize: scratch.tokenizer.vocabSize, lowercase: true } },
    train: { ...defaults.train, steps, warmupSteps, evaluateEvery: Math.ceil(steps / 5) },
  };
  await pretrain({ texts }, settings, encoder, control(encoder));
}
const base = readCheckpoint(encoder, { allowBase: true });
const teacher = join(options.out, `teacher-${seed}-${steps}-${options.rate}`);
if (!existsSync(teacher)) {
  const { retrieval, batch, dev, train } = scratch;
  const settings = { ...teachBaseDefaults(base), seed, retrieval, batch, dev, train: { ...train, rate } };
  // As long as the base reads: its positions were learnt.
  const longest = base.config.maxPositionEmbeddings;
  settings.retrieval = { ...retrieval, passageMaxTokens: Math.min(retrieval.passageMaxTokens, longest) };
  const { report } = await teach({ ...data, base }, settings, teacher, control(teacher));
  console.log(`${teacher}: best dev ${report.best?.value.toFixed(4)} at step ${report.best?.step}`);
}
