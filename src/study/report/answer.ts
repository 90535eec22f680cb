/** The answer to the study's question in sentences that say no more than the tests do. */

import { counted } from '../../counted.ts';
import { type Change, LEVEL, type Verdict } from './changes.ts';
import { baselinesOf } from './comparisons.ts';
import { figure, listed, probability, signedRange } from './document.ts';
import { englishSentence } from './english-section.ts';
import type { StudyFigures } from './figures.ts';
import { GROUP_NAMES, LANGUAGE_GROUPS, type LanguageGroup, MEAN_GROUPS } from './question-values.ts';

/** The question that studies of shares were made for. */
export const STUDY_QUESTION =
  'What does varying the share rho of low-resource languages in code-switched training data do to the robustness of zero-shot cross-lingual retrieval?';

/** The answer, from short to long. */
export interface StudyAnswer {
  /** One paragraph. */
  readonly lead: string;
  /** Trends, baselines, further measures, and how to read it. */
  readonly more: readonly string[];
}

/** Composes the answer from the figures. */
export function answerOf(figures: StudyFigures): StudyAnswer {
  const { changes, conditions, measure } = figures;
  if (conditions.length === 0)
    return { lead: 'No cell with scores is finished, so there is no answer yet.', more: [] };
  const main = changes.filter((change) => change.measure === measure);
  const more = against(figures);
  if (main.length === 0) {
    const lead = `No arm has finished scores at two shares, so nothing can be said about the effect of rho.${provisional(figures)}`;
    return { lead, more };
  }
  const sentences = LANGUAGE_GROUPS.map((group) => groupSentence(main, group, figures));
  return {
    lead: [scope(main, figures), ...sentences].filter((each) => each !== '').join(' ') + provisional(figures),
    more: [
      trendSentence(main),
      ...more,
      ...[englishSentence(figures) ?? []].flat(),
      ...furtherMeasures(figures),
      `All p-values are Holm-adjusted, those of changes over all ${changes.length} of them. A change that is not significant is not shown to be absent; where the equivalence test allows, it is shown to be smaller than the margin.`,
    ],
  };
}

function provisional({ missing }: StudyFigures): string {
  if (missing.length === 0) return '';
  return ` This is provisional: ${counted(missing.length, 'row')} of the study ${missing.length === 1 ? 'is' : 'are'} not finished.`;
}

function scope(main: readonly Change[], { measure, study }: StudyFigures): string {
  const least = (of: (change: Change) => number) => Math.min(...main.map(of));
  const most = (of: (change: Change) => number) => Math.max(...main.map(of));
  const [few, many] = [least(({ seeds }) => seeds), most(({ seeds }) => seeds)];
  const seeds = few === many ? counted(many, 'seed') : `${few} to ${many} seeds`;
  const model = 'size' in study.teacher ? `encoders of size ${study.teacher.size}, ` : '';
  // Arms that are trained at some of the shares alone have a range of their own.
  const ranges = new Map<string, Change[]>();
  for (const change of main) {
    const key = change.asked.join(' to ');
    ranges.set(key, [...(ranges.get(key) ?? []), change]);
  }
  const raised = [...ranges].map(([asked, part]) => {
    const [from, to] = [0, 1].map((end) => part.map(({ realised }) => realised[end]));
    const arms = [...new Set(part.map(({ arm }) => arm))];
    return `from ${asked} (realised: ${figure(Math.min(...from))} to ${figure(Math.max(...to))}) in ${listed(arms)}`;
  });
  return `In this study (${model}${seeds}), the share rho was raised ${raised.join(', and ')}, and ${measure} at the highest share was compared with that at the lowest.`;
}

/** What the tests say of one group of languages, and where it is significant; nothing when there are none. */
function groupSentence(
  changes: readonly Change[],
  group: LanguageGroup,
  { settings: { margin }, measure }: Pick<StudyFigures, 'settings' | 'measure'>,
): string {
  const own = changes.filter((change) => change.group === group);
  if (own.length === 0) return '';
  const total = (part: readonly Change[]) =>
    part.length === own.length
      ? own.length === 1
        ? 'the one comparison'
        : `all ${own.length} comparisons`
      : `${part.length} of ${counted(own.length, 'comparison')}`;
  const where = (part: readonly Change[]) => (part.length === own.length ? '' : `: ${places(part)}`);
  const part = (verdict: Verdict, say: (part: readonly Change[]) => string) => {
    const found = own.filter((change) => change.verdict === verdict);
    return found.length === 0 ? [] : [say(found)];
  };
  const clear = (word: string) => (found: readonly Change[]) =>
    `${word} significantly in ${total(found)} (${range(found)}, p at most ${probability(Math.max(...found.map(({ adjusted }) => adjusted)))}${where(found)})`;
  const parts = [
    ...part('rises', clear('rises')),
    ...part('falls', clear('falls')),
    ...part(
      'stays',
      (found) => `is shown to change by less than ${margin} in ${total(found)} (${range(found)})`,
    ),
    ...part(
      'open',
      (found) => `shows neither a significant change nor its absence in ${total(found)} (${range(found)})`,
    ),
  ];
  const subject =
    group === 'gap' ? 'The gap (high- minus low-resource languages)' : `In ${GROUP_NAMES[group]}, ${measure}`;
  return `${subject} ${parts.join('; it ')}.`;
}

/** `switched (natural, matched) on ntrex and mlqa, both (natural) on ntrex`. */
function places(changes: readonly Change[]): string {
  const tests = new Map<string, { arm: string; design: string; tests: string[] }>();
  for (const { arm, design = '', test } of changes) {
    const key = JSON.stringify([arm, design]);
    const line = tests.get(key) ?? { arm, design, tests: [] };
    line.tests.push(test);
    tests.set(key, line);
  }
  const same = new Map<string, { arm: string; designs: string[]; tests: readonly string[] }>();
  for (const { arm, design, tests: names } of tests.values()) {
    const key = JSON.stringify([arm, names]);
    const place = same.get(key) ?? { arm, designs: [], tests: names };
    if (design !== '') place.designs.push(design);
    same.set(key, place);
  }
  return [...same.values()]
    .map(
      ({ arm, designs, tests: names }) =>
        `${arm}${designs.length > 0 ? ` (${designs.join(', ')})` : ''} on ${listed(names)}`,
    )
    .join(', ');
}

function range(changes: readonly Change[]): string {
  return signedRange(changes.map(({ difference }) => difference));
}

function trendSentence(main: readonly Change[]): string {
  const tested = main.filter((change) => change.trend !== undefined);
  if (tested.length === 0) return 'No trend over the shares can be tested: no seed has two shares.';
  const parts = LANGUAGE_GROUPS.flatMap((group) => {
    const own = tested.filter((change) => change.group === group);
    if (own.length === 0) return [];
    const of = (sign: number) =>
      own.filter(({ trend }) => trend && trend.adjusted < LEVEL && sign * trend.spearman > 0).length;
    return [`${GROUP_NAMES[group]}: ${of(1)} of ${own.length} rise and ${of(-1)} fall significantly`];
  });
  return `Trend over all shares (Spearman's correlation within each seed; training runs are the observations): ${parts.join('; ')}.`;
}

/** The varied arms at their highest share against each baseline. */
function against({ comparisons, study, changes }: StudyFigures): string[] {
  const ends = comparisons.filter(({ condition: { arm, design, rho } }) =>
    changes.some((change) => change.arm === arm && change.design === design && change.asked[1] === rho),
  );
  const sentences = baselinesOf(study).flatMap(({ name, arm }) => {
    const parts = MEAN_GROUPS.flatMap((group) => {
      const own = ends.filter(({ baseline, ...each }) => baseline.arm === arm && each.group === group);
      if (own.length === 0) return [];
      const of = (sign: number) =>
        own.filter(({ adjusted, difference }) => adjusted < LEVEL && sign * difference > 0).length;
      return [`${GROUP_NAMES[group]} ${of(1)} of ${own.length} significantly better and ${of(-1)} worse`];
    });
    return parts.length === 0 ? [] : [`against ${name}, ${parts.join(', ')}`];
  });
  return sentences.length === 0
    ? []
    : [`Arms with shares at their highest share, over designs and test sets: ${sentences.join('; ')}.`];
}

/** What the tests say of all further measures together; the table of them says it of each. */
function furtherMeasures({ changes, answerMeasures, settings }: StudyFigures): string[] {
  const own = changes.filter(({ measure, group }) => group !== 'gap' && answerMeasures.includes(measure));
  if (own.length === 0) return [];
  const of = (verdict: Verdict) => own.filter((change) => change.verdict === verdict).length;
  return [
    `Further measures (${listed(answerMeasures)}), from the lowest to the highest share: of ${counted(own.length, 'comparison')}, ${of('rises')} rise and ${of('falls')} fall significantly, ${of('stays')} are shown to change by less than ${settings.margin}, and ${of('open')} show neither. A measure whose values are below that cannot change by more.`,
  ];
}
