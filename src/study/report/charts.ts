/** The charts of a study: one for each arm that knows shares and each measure. */
import { linesOf } from './changes.ts';
import { type ChartLine, type ChartPanel, type ChartReference, robustnessSvg } from './chart.ts';
import type { ReportedStudy } from './conditions.ts';
import type { Point } from './curves.ts';
import type { ReportBlock } from './document.ts';
import type { StudyFigures } from './figures.ts';

/** Arms that are drawn as horizontal lines: the first of each kind. */
const REFERENCES = [
  ['zero-shot', 'zero-shot'],
  ['optical', 'OPTICAL'],
  ['english-oracle', 'English'],
] as const;

/** The charts of a measure, each with its caption. */
export function robustnessFigures(
  { points, conditions, tests, study, low }: StudyFigures,
  measure: string,
): Extract<ReportBlock, { kind: 'figure' }>[] {
  const own = points.filter((point) => point.measure === measure);
  const arms = [...new Set(linesOf(conditions).map(([{ arm }]) => arm))];
  return arms.flatMap((arm) => {
    const panels = [...tests.keys()].flatMap((test): ChartPanel[] => {
      const here = own.filter((point) => point.test === test);
      const lines = curvesOf(here, arm);
      return lines.length === 0 ? [] : [{ title: test, lines, references: referencesOf(here, study) }];
    });
    if (panels.length === 0) return [];
    const name = `robustness-${arm}-${measure}`.toLowerCase().replace(/[^a-z0-9]+/g, '-');
    const lower = Object.keys(study.languages).filter((code) => low.has(code));
    const title = `${measure} of ${arm} against the realised share of low-resource languages`;
    const description = panels.map(described).join(' ');
    const caption = `${title}. Bands: 95 % bootstrap intervals over questions, each averaged over its languages and seeds. Dotted: arms without shares${lower.length === 0 ? '' : `. Low-resource: ${lower.join(', ')}`}.`;
    return [
      {
        kind: 'figure',
        name,
        svg: robustnessSvg({ id: name, title, description, measure, panels }),
        caption,
      },
    ];
  });
}

function curvesOf(points: readonly Point[], arm: string): ChartLine[] {
  const own = points.filter(({ condition }) => condition.arm === arm);
  const designs = [...new Set(own.map(({ condition }) => condition.design ?? ''))];
  return (['low', 'high'] as const).flatMap((group) =>
    designs.flatMap((design): ChartLine[] => {
      const line = own.filter((point) => point.group === group && (point.condition.design ?? '') === design);
      const sorted = line
        .map(({ realised, mean, interval }) => ({ share: realised, mean, band: interval }))
        .sort((a, b) => a.share - b.share);
      return sorted.length === 0 ? [] : [{ group, design, points: sorted }];
    }),
  );
}

function referencesOf(points: readonly Point[], { arms }: Pick<ReportedStudy, 'arms'>): ChartReference[] {
  return REFERENCES.flatMap(([kind, label]) => {
    const arm = Object.keys(arms).find((each) => arms[each].kind === kind);
    return points.flatMap(({ condition, group, mean }): ChartReference[] =>
      condition.arm === arm && group !== 'gap' ? [{ label, group, value: mean }] : [],
    );
  });
}

function described({ title, lines }: ChartPanel): string {
  const parts = lines.map(({ group, design, points }) => {
    const [first, last] = [points[0], points[points.length - 1]];
    return `${group}-resource${design === '' ? '' : ` ${design}`} from ${first.mean.toFixed(3)} at share ${first.share.toFixed(2)} to ${last.mean.toFixed(3)} at ${last.share.toFixed(2)}`;
  });
  return `${title}: ${parts.join('; ')}.`;
}
