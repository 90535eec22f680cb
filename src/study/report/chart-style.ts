/**
 * Colours of charts. The hues are those of Okabe and Ito (2008), which people with any common colour blindness tell
 * apart; on a dark ground their lighter ones. Colours are written out: tools that turn SVG into PDF know no variables.
 */

interface Palette {
  readonly ink: string;
  readonly soft: string;
  readonly ground: string;
  readonly grid: string;
  readonly low: string;
  readonly high: string;
  readonly english: string;
  readonly band: number;
}

const LIGHT: Palette = {
  ...{ ink: '#11161d', soft: '#3f4955', ground: '#fff', grid: '#e1e6ec' },
  ...{ low: '#0072b2', high: '#c24e00', english: '#00795a', band: 0.14 },
};
const DARK: Palette = {
  ...{ ink: '#eef2f6', soft: '#b4becb', ground: '#14181d', grid: '#2b323b' },
  ...{ low: '#56b4e9', high: '#f0a24a', english: '#3fc79a', band: 0.2 },
};

/** Style of an SVG of class `robustness`, for both schemes. */
export const CHART_STYLE = [
  '.robustness{font:13px system-ui,"Noto Sans",sans-serif}',
  '.robustness .name{font-weight:600}.robustness .small{font-size:11.5px}',
  '.robustness .end{text-anchor:end}.robustness .middle{text-anchor:middle}',
  '.robustness path{fill:none}.robustness .lead{stroke-width:.8}',
  '.robustness .curve{stroke-width:2;stroke-linejoin:round}',
  '.robustness .d1{stroke-dasharray:6 4}.robustness .d2{stroke-dasharray:2 3}',
  '.robustness .reference{stroke-width:1.4;stroke-dasharray:.1 4;stroke-linecap:round}',
  '.robustness .mark{stroke-width:1.8}',
  colours(LIGHT),
  `@media (prefers-color-scheme:dark){${colours(DARK)}}`,
].join('');

function colours({ ink, soft, ground, grid, low, high, english, band }: Palette): string {
  const group = (name: string, colour: string) =>
    `.robustness .curve.${name},.robustness .reference.${name}{stroke:${colour}}` +
    `.robustness .band.${name}{fill:${colour};fill-opacity:${band}}` +
    `.robustness .mark.${name}{fill:${colour};stroke:${colour}}`;
  return [
    `.robustness .ground{fill:${ground}}.robustness text{fill:${soft}}.robustness .name{fill:${ink}}`,
    `.robustness .grid{stroke:${grid}}.robustness .axis,.robustness .lead,.robustness .reference{stroke:${soft}}`,
    group('low', low),
    group('high', high),
    group('english', english),
    `.robustness .mark.hollow{fill:${ground}}`,
  ].join('');
}
