/** The charts of a study: one for each arm that knows shares and each measure. */
import { linesOf } from './changes.ts';
import {
  type ChartGroup,
  type ChartLine,
  type ChartPanel,
  type ChartReference,
  GROUP_LABELS,
  robustnessSvg,
} from './chart.ts';
import type { ReportedStudy } from './conditions.ts';
import type { Point } from './curves.ts';
import type { ReportBlock } from './document.ts';
import type { StudyFigures } from './figures.ts';
import type { FigureGroup } from './test-groups.ts';

/** What a chart draws. */
interface ChartView {
  /** Of its file, before the arm and the measure. */
  readonly name: string;
  /** The panels of a test set, each with the groups of figures that it has, as what it draws them. */
  readonly panels: readonly {
    readonly title: string;
    readonly groups: ReadonlyMap<FigureGroup, ChartGroup>;
  }[];
  readonly lines: readonly ChartGroup[];
  /** Arms that are drawn as horizontal lines, the first of each kind: label, and groups. */
  readonly references: readonly {
    readonly kind: string;
    readonly label: string;
    readonly groups: readonly ChartGroup[];
  }[];
}

const ROBUSTNESS: ChartView = {
  name: 'robustness',
  panels: [
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
  ],
  lines: ['low', 'high'],
  references: [
    { kind: 'zero-shot', label: 'zero-shot', groups: ['low', 'high'] },
    { kind: 'optical', label: 'OPTICAL', groups: ['low', 'high'] },
    { kind: 'english-oracle', label: 'English', groups: ['english'] },
  ],
};

const ENGLISH_QUERIES: ChartView = {
  name: 'english',
  panels: [{ title: '', groups: new Map([['english', 'english']]) }],
  lines: ['english'],
  references: [
    { kind: 'optical', label: 'OPTICAL', groups: ['english'] },
    { kind: 'english-oracle', label: 'teacher', groups: ['english'] },
  ],
};

type FigureBlock = Extract<ReportBlock, { kind: 'figure' }>;

/** The charts of a measure over languages, one for each arm with shares, each with its caption. */
export function robustnessFigures(figures: StudyFigures, measure: string): FigureBlock[] {
  const { low, unseen } = figures;
  const title = (arm: string) => `${measure} of ${arm} against the realised share of low-resource languages`;
  const note = `each averaged over its languages and seeds. Dotted: arms without shares${codesAfter('Low-resource', low)}${codesAfter('Without training data', unseen)}.`;
  return chartsOf(figures, measure, ROBUSTNESS, title, note);
}

/** The charts of the first measure with English queries, one for each arm with shares. */
export function englishFiguresOf(figures: StudyFigures): FigureBlock[] {
  const { measure } = figures;
  const title = (arm: string) =>
    `${measure} of ${arm} with English queries against the realised share of low-resource languages`;
  return chartsOf(
    figures,
    measure,
    ENGLISH_QUERIES,
    title,
    'each averaged over seeds. Dotted: arms without shares.',
  );
}

function chartsOf(
  { points, conditions, tests, study }: StudyFigures,
  measure: string,
  view: ChartView,
  titleOf: (arm: string) => string,
  note: string,
): FigureBlock[] {
  const own = points.filter((point) => point.measure === measure);
  const arms = [...new Set(linesOf(conditions).map(([{ arm }]) => arm))];
  return arms.flatMap((arm) => {
    const panels = [...tests.keys()].flatMap((test) =>
      view.panels.flatMap(({ title, groups }): ChartPanel[] => {
        const here = own.filter((point) => point.test === test).flatMap((point) => drawnAs(point, groups));
        const lines = curvesOf(here, arm, view);
        if (lines.length === 0) return [];
        return [{ title: `${test}${title}`, lines, references: referencesOf(here, study, view) }];
      }),
    );
    if (panels.length === 0) return [];
    const name = `${view.name}-${arm}-${measure}`.toLowerCase().replace(/[^a-z0-9]+/g, '-');
    const title = titleOf(arm);
    const description = panels.map(described).join(' ');
    const caption = `${title}. Bands: 95 % bootstrap intervals over questions, ${note}`;
    const svg = robustnessSvg({ id: name, title, description, measure, panels });
    return [{ kind: 'figure', name, svg, caption }];
  });
}

/** `. Low-resource: sw, so`; nothing without codes. */
function codesAfter(what: string, codes: ReadonlySet<string>): string {
  return codes.size === 0 ? '' : `. ${what}: ${[...codes].join(', ')}`;
}

/** A figure and the group that a panel draws it as. */
interface Drawn extends Omit<Point, 'group'> {
  readonly group: ChartGroup;
}

function drawnAs(point: Point, groups: ReadonlyMap<FigureGroup, ChartGroup>): Drawn[] {
  const group = groups.get(point.group);
  return group === undefined ? [] : [{ ...point, group }];
}

function curvesOf(points: readonly Drawn[], arm: string, view: Pick<ChartView, 'lines'>): ChartLine[] {
  const own = points.filter(({ condition }) => condition.arm === arm);
  const designs = [...new Set(own.map(({ condition }) => condition.design ?? ''))];
  return view.lines.flatMap((group) =>
    designs.flatMap((design): ChartLine[] => {
      const line = own.filter((point) => point.group === group && (point.condition.design ?? '') === design);
      const sorted = line
        .map(({ realised, mean, interval }) => ({ share: realised, mean, band: interval }))
        .sort((a, b) => a.share - b.share);
      return sorted.length === 0 ? [] : [{ group, design, points: sorted }];
    }),
  );
}

function referencesOf(
  points: readonly Drawn[],
  { arms }: Pick<ReportedStudy, 'arms'>,
  view: Pick<ChartView, 'references'>,
): ChartReference[] {
  return view.references.flatMap(({ kind, label, groups }) => {
    const arm = Object.keys(arms).find((each) => arms[each].kind === kind);
    return points.flatMap(({ condition, group, mean }): ChartReference[] =>
      condition.arm === arm && groups.includes(group) ? [{ label, group, value: mean }] : [],
    );
  });
}

function described({ title, lines }: ChartPanel): string {
  const parts = lines.map(({ group, design, points }) => {
    const [first, last] = [points[0], points[points.length - 1]];
    return `${GROUP_LABELS[group]}${design === '' ? '' : ` ${design}`} from ${first.mean.toFixed(3)} at share ${first.share.toFixed(2)} to ${last.mean.toFixed(3)} at ${last.share.toFixed(2)}`;
  });
  return `${title}: ${parts.join('; ')}.`;
}
