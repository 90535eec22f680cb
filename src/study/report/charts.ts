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

/** The panels of a test set, each with the groups that it draws. */
const PANELS: readonly {
  readonly title: string;
  readonly groups: ReadonlyMap<Point['group'], ChartReference['group']>;
}[] = [
  {
    title: '',
    groups: new Map([
      ['low', 'low'],
      ['high', 'high'],
      ['english', 'english'],
    ]),
  },
  {
    title: ', without training data',
    groups: new Map([
      ['unseen-low', 'low'],
      ['unseen-high', 'high'],
      ['english', 'english'],
    ]),
  },
];

/** The charts of a measure, each with its caption. */
export function robustnessFigures(
  { points, conditions, tests, study, low, unseen }: StudyFigures,
  measure: string,
): Extract<ReportBlock, { kind: 'figure' }>[] {
  const own = points.filter((point) => point.measure === measure);
  const arms = [...new Set(linesOf(conditions).map(([{ arm }]) => arm))];
  return arms.flatMap((arm) => {
    const panels = [...tests.keys()].flatMap((test) =>
      PANELS.flatMap(({ title, groups }): ChartPanel[] => {
        const here = own.filter((point) => point.test === test).flatMap((point) => drawnAs(point, groups));
        const lines = curvesOf(here, arm);
        if (lines.length === 0) return [];
        return [{ title: `${test}${title}`, lines, references: referencesOf(here, study) }];
      }),
    );
    if (panels.length === 0) return [];
    const name = `robustness-${arm}-${measure}`.toLowerCase().replace(/[^a-z0-9]+/g, '-');
    const title = `${measure} of ${arm} against the realised share of low-resource languages`;
    const description = panels.map(described).join(' ');
    const caption = `${title}. Bands: 95 % bootstrap intervals over questions, each averaged over its languages and seeds. Dotted: arms without shares${codesAfter('Low-resource', low)}${codesAfter('Without training data', unseen)}.`;
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

/** `. Low-resource: sw, so`; nothing without codes. */
function codesAfter(what: string, codes: ReadonlySet<string>): string {
  return codes.size === 0 ? '' : `. ${what}: ${[...codes].join(', ')}`;
}

/** A figure and the group that a panel draws it as. */
interface Drawn extends Omit<Point, 'group'> {
  readonly group: ChartReference['group'];
}

function drawnAs(point: Point, groups: (typeof PANELS)[number]['groups']): Drawn[] {
  const group = groups.get(point.group);
  return group === undefined ? [] : [{ ...point, group }];
}

function curvesOf(points: readonly Drawn[], arm: string): ChartLine[] {
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

function referencesOf(points: readonly Drawn[], { arms }: Pick<ReportedStudy, 'arms'>): ChartReference[] {
  return REFERENCES.flatMap(([kind, label]) => {
    const arm = Object.keys(arms).find((each) => arms[each].kind === kind);
    return points.flatMap(({ condition, group, mean }): ChartReference[] =>
      condition.arm === arm ? [{ label, group, value: mean }] : [],
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
