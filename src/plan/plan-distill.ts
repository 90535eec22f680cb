/** What making a pack will take, from a few steps on two samples of its sentence pairs. */
import { join } from 'node:path';
import type { RetrieverCheckpoint } from '../model/checkpoint.ts';
import { loadTokenizer } from '../text/tokenizer.ts';
import { type DistillControl, type DistillInput, distill } from '../train/distill.ts';
import type { DistillSettings } from '../train/distill-settings.ts';
import { holdOut } from '../train/held-out-pairs.ts';
import { fewSteps, sampleSizes } from './probe-size.ts';
import { sampled, truncatedTexts } from './truncation.ts';
import { atFullSize, inProbeFolder, measuresOf, probeTraining, type WorkPlan } from './work-plan.ts';

/**
 * Distils twice in a temporary folder, on a small and on a larger sample of pairs and dictionaries. Held-out pairs and
 * anchors stay whole, so that dev measures and batches are those of the run.
 *
 * @throws RefractError what `distill` throws
 * @example await planDistill(teacher, { pairs, dictionaries, anchors }, distillDefaults())
 */
export async function planDistill(
  teacher: RetrieverCheckpoint,
  input: DistillInput,
  settings: DistillSettings,
  control: DistillControl = {},
): Promise<WorkPlan> {
  const { pairs, dev } = holdOut(input, settings.seed);
  const entries = [...input.dictionaries.values()].reduce((sum, list) => sum + list.length, 0);
  return inProbeFolder(async (folder) => {
    const run = async (share: number, steps: number) => {
      const some = <T>(items: readonly T[], name: string) =>
        sampled(items, Math.ceil(share * items.length), `distill/${name}`);
      const part = {
        ...input,
        dev,
        pairs: some(pairs, 'pairs'),
        dictionaries: new Map([...input.dictionaries].map(([code, list]) => [code, some(list, code)])),
      };
      const out = join(folder, `pack-${steps}`);
      const set = { ...settings, train: fewSteps(settings.train, steps) };
      const { probe } = await probeTraining(out, share, () =>
        distill(teacher, part, set, out, { ...control, resume: false }),
      );
      return probe;
    };
    const [small, large] = sampleSizes(pairs.length + entries);
    const probes = [await run(small.share, small.steps), await run(large.share, large.steps)] as const;
    const { steps } = settings.train;
    const tokenizer = loadTokenizer(teacher.tokenizerJson);
    const { queryMaxTokens } = teacher.settings.retrieval;
    const limit = Math.max(settings.maxTokens, queryMaxTokens);
    return {
      ...atFullSize(...probes, { steps, measures: dev.length > 0 ? measuresOf(settings.train) : 0 }),
      truncated: [
        truncatedTexts(
          'target sentences',
          pairs.map(({ target }) => target),
          tokenizer,
          limit,
        ),
        truncatedTexts(
          'pivot sentences',
          pairs.map(({ pivot }) => pivot),
          tokenizer,
          limit,
        ),
        truncatedTexts('anchors', input.anchors, tokenizer, limit),
      ].filter(({ sample }) => sample > 0),
    };
  });
}
