/** What training a teacher will take, from a few steps on two samples of its data. */
import { join } from 'node:path';
import { passageText } from '../data/records.ts';
import { relevantPassages } from '../data/relevant.ts';
import { loadTokenizer } from '../text/tokenizer.ts';
import { HELD_OUT, type TeachData, teach } from '../train/teach.ts';
import type { TeachBaseSettings, TeachSettings } from '../train/teach-settings.ts';
import type { WorkControl } from '../train/work.ts';
import { fewSteps, sampleSizes } from './probe-size.ts';
import { sampled, truncatedTexts } from './truncation.ts';
import { atFullSize, inProbeFolder, measuresOf, probeTraining, type WorkPlan } from './work-plan.ts';

/**
 * Trains twice in a temporary folder: with all dev queries and their passages, and of the other passages, with the
 * queries that they answer, and of the extra text a small and a larger sample. Lengths are counted with the tokenizer
 * of the larger one.
 *
 * @throws RefractError what `teach` throws
 * @example await planTeach(data, teachDefaults('mini'))
 */
export async function planTeach(
  data: TeachData,
  settings: TeachSettings | TeachBaseSettings,
  control: WorkControl = {},
): Promise<WorkPlan> {
  return inProbeFolder(async (folder) => {
    const whole = withDev(data);
    const run = async (share: number, steps: number) => {
      const part = sampleOf(whole, share);
      const out = join(folder, `teacher-${steps}`);
      const set = { ...settings, train: fewSteps(settings.train, steps) };
      const drawn = part.passages.length / Math.max(1, whole.passages.length);
      return probeTraining(out, drawn, () => teach(part, set, out, { ...control, resume: false }));
    };
    const [small, large] = sampleSizes(data.passages.length + data.queries.length + data.extraText.length);
    const first = await run(small.share, small.steps);
    const { probe, result } = await run(large.share, large.steps);
    const tokenizer = loadTokenizer(result.checkpoint.tokenizerJson);
    const { passageMaxTokens, queryMaxTokens } = result.checkpoint.settings.retrieval;
    const measures = whole.dev && whole.dev.queries.length > 0 ? measuresOf(settings.train) : 0;
    return {
      ...atFullSize(first.probe, probe, { steps: settings.train.steps, measures }),
      truncated: [
        truncatedTexts('passages', data.passages.map(passageText), tokenizer, passageMaxTokens),
        truncatedTexts(
          'queries',
          data.queries.map(({ text }) => text),
          tokenizer,
          queryMaxTokens,
        ),
      ],
    };
  });
}

/** The data with the dev queries that the training would hold out, as many and as long. */
function withDev(data: TeachData): TeachData {
  if (data.dev) return data;
  const held = new Set(sampled(data.queries, Math.floor(HELD_OUT * data.queries.length), 'teach/dev'));
  if (held.size === 0) return data;
  return {
    ...data,
    queries: data.queries.filter((query) => !held.has(query)),
    dev: { queries: [...held], judgments: data.judgments },
  };
}

function sampleOf(data: TeachData, share: number): TeachData {
  const dev = new Set(data.dev ? relevantOf(data.dev.queries, relevantPassages(data.dev.judgments)) : []);
  const some = new Set(sampled(data.passages, Math.ceil(share * data.passages.length), 'teach/passages'));
  const passages = data.passages.filter((passage) => some.has(passage) || dev.has(passage.id));
  const ids = new Set(passages.map(({ id }) => id));
  const drawn = new Set([...some].map(({ id }) => id));
  const relevant = relevantPassages(data.judgments);
  const queries = data.queries.filter(({ id }) => [...(relevant.get(id) ?? [])].some((p) => drawn.has(p)));
  const judged = (judgments: TeachData['judgments']) => judgments.filter(({ passage }) => ids.has(passage));
  return {
    ...data,
    passages,
    queries,
    judgments: judged(data.judgments),
    ...(data.dev && { dev: { queries: data.dev.queries, judgments: judged(data.dev.judgments) } }),
    extraText: sampled(data.extraText, Math.ceil(share * data.extraText.length), 'teach/text'),
  };
}

function relevantOf(
  queries: TeachData['queries'],
  relevant: ReadonlyMap<string, Iterable<string>>,
): string[] {
  return queries.flatMap(({ id }) => [...(relevant.get(id) ?? [])]);
}
