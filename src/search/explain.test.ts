import { describe, expect, it } from 'vitest';
import { alignTokens, type TokenLabels } from './explain-align.ts';
import { alignmentHtml } from './explain-html.ts';
import { alignmentSvg, shownColumns } from './explain-svg.ts';
import { alignmentTable } from './explain-table.ts';
import { displayWidth, escaped, isolated, printable, runsRightToLeft, shortened } from './explain-text.ts';

// Two query tokens, three passage tokens, two dimensions.
const QUERY = Float32Array.of(1, 0, 0, 1);
const PASSAGE = Float32Array.of(0.6, 0.8, 0.8, 0.6, -1, 0);
const LABELS: TokenLabels = { query: ['maji', 'safi'], passage: ['clean', 'water', 'no'] };
const PAGE = { query: 'maji safi', passage: { id: 'p1', text: 'clean water no' } };

/** An alignment of `m` query tokens with a passage of `n` one-hot tokens; query token i wins at `wins[i]`. */
function oneHot(wins: readonly number[], n: number, plan = false) {
  const passage = new Float32Array(n * n);
  for (let j = 0; j < n; j++) passage[j * n + j] = 1;
  const query = new Float32Array(wins.length * n);
  wins.forEach((j, i) => {
    query[i * n + j] = 1;
  });
  return alignTokens(query, passage, n, { plan });
}

const numbered = (prefix: string, count: number) => Array.from({ length: count }, (_, i) => `${prefix}${i}`);

describe('alignTokens', () => {
  it('finds the best passage token of each query token, and the score', () => {
    const { m, n, best, similarity, score, plan } = alignTokens(QUERY, PASSAGE, 2);
    expect([m, n]).toEqual([2, 3]);
    expect([...best]).toEqual([1, 0]);
    expect(score).toBeCloseTo(1.6, 6);
    [0.6, 0.8, -1, 0.8, 0.6, 0].forEach((value, i) => {
      expect(similarity[i]).toBeCloseTo(value, 6);
    });
    expect(plan).toBeUndefined();
  });

  it('takes the first of equal passage tokens', () => {
    expect([...alignTokens(Float32Array.of(1), Float32Array.of(0.5, 0.5), 1).best]).toEqual([0]);
  });

  it('gives a transport plan in which no passage token answers twice', () => {
    // Both query tokens are nearest to passage token 0; the second best of the second is close.
    const query = Float32Array.of(1, 0, 0.9, Math.sqrt(0.19));
    const passage = Float32Array.of(1, 0, 0.8, 0.6, -1, 0, 0, -1);
    const { best, plan } = alignTokens(query, passage, 2, { plan: true });
    expect([...best]).toEqual([0, 1]);
    expect([...(plan ?? [])].map((mass) => Number(mass.toFixed(6)))).toEqual([0.5, 0, 0, 0, 0, 0.5, 0, 0]);
    const doubled = oneHot([2, 2, 0], 4, true);
    const columns = [0, 1, 2, 3].map((j) => [0, 1, 2].reduce((sum, i) => sum + doubled.plan![i * 4 + j], 0));
    expect(Math.max(...columns)).toBeCloseTo(1 / 3, 9);
    expect(columns.reduce((sum, mass) => sum + mass, 0)).toBeCloseTo(1, 9);
  });

  it('plans for a passage shorter than the query', () => {
    const { plan } = oneHot([0, 1, 1, 0], 2, true);
    expect([...(plan ?? [])]).toEqual([0.25, 0, 0, 0.25, 0, 0.25, 0.25, 0]);
  });

  it('refuses empty sides and broken vectors', () => {
    const refused = expect.objectContaining({ code: 'GRAPH_SHAPE' });
    expect(() => alignTokens(new Float32Array(0), PASSAGE, 2)).toThrow(refused);
    expect(() => alignTokens(Float32Array.of(1), PASSAGE, 2)).toThrow(refused);
    const alignment = alignTokens(QUERY, PASSAGE, 2);
    expect(() => alignmentTable(alignment, { query: ['one'], passage: LABELS.passage })).toThrow(refused);
    expect(() => alignmentHtml(alignment, { query: LABELS.query, passage: [] }, PAGE)).toThrow(refused);
  });
});

describe('text of any script', () => {
  it('counts terminal columns', () => {
    expect(displayWidth('maji')).toBe(4);
    expect(displayWidth('पाणी')).toBe(4);
    expect(displayWidth('ti\u0301')).toBe(2);
    expect(displayWidth('น้ำ')).toBe(2);
    expect(displayWidth('ẹ̀kọ́')).toBe(3);
    expect(displayWidth('水')).toBe(2);
    expect(displayWidth('ماء')).toBe(3);
    expect(displayWidth('물')).toBe(2);
  });

  it('takes away what would steer a terminal or a page', () => {
    expect(printable('a\x1b[31mb\u202ec\n\ud800')).toBe('a\ufffd[31mbc \ufffd');
    expect(escaped(`<img src=x onerror="alert('1')">&`)).toBe(
      '&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;&amp;',
    );
    expect(printable('क्\u200dष')).toBe('क्\u200dष');
  });

  it('knows direction', () => {
    expect(runsRightToLeft(['ماء', 'النهر', 'API'])).toBe(true);
    expect(runsRightToLeft(['water', 'नदी', '12'])).toBe(false);
    expect(isolated('ماء')).toBe('\u2068ماء\u2069');
    expect(isolated('maji')).toBe('maji');
  });

  it('shortens at graphemes', () => {
    expect(shortened('water', 5)).toBe('water');
    expect(shortened('containers', 5)).toBe('cont…');
    expect(shortened('सुरक्षितपणे', 4)).toBe('सुर…');
  });
});

describe('alignmentTable', () => {
  it('shows one line a query token', () => {
    expect(alignmentTable(alignTokens(QUERY, PASSAGE, 2), LABELS)).toBe(
      [
        'query  passage  at  similarity',
        '────────────────────────────────────────────────',
        'maji   water     2       0.800  ████████████████',
        'safi   clean     1       0.800  ████████████████',
        '────────────────────────────────────────────────',
        'score 1.600 = sum over 2 query tokens of the best similarity',
        '',
      ].join('\n'),
    );
  });

  it('aligns columns under scripts with combining marks and adds the transport', () => {
    const labels = { query: ['पाणी', 'ماء', 'o\u0323mi'], passage: ['water', 'river', 'the', 'cup'] };
    const lines = alignmentTable(oneHot([0, 0, 1], 4, true), labels).split('\n');
    const rows = lines.slice(2, 5);
    expect(rows.map((row) => row.match(/(water|river|the|cup)\s+(\d+) %$/u)?.slice(1))).toEqual([
      ['water', '100'],
      [expect.stringMatching(/the|cup/), '100'],
      ['river', '100'],
    ]);
    expect(new Set(rows.map((row) => displayWidth(row.slice(0, row.search(/water|river/u))))).size).toBe(1);
  });

  it('draws no bar for a negative similarity', () => {
    const alignment = alignTokens(Float32Array.of(1, 0), Float32Array.of(-1, 0), 2);
    expect(alignmentTable(alignment, { query: ['a'], passage: ['b'] })).toContain('-1.000\n');
  });
});

describe('alignmentSvg', () => {
  it('shows winners and their neighbours, or all', () => {
    const alignment = oneHot([10, 0], 40);
    expect(shownColumns(alignment)).toEqual([0, 1, 9, 10, 11]);
    expect(shownColumns(alignment, true)).toHaveLength(40);
    const labels = { query: ['a', 'b'], passage: numbered('t', 40) };
    expect(alignmentSvg(alignment, labels).match(/<rect class="c/g)).toHaveLength(2 * 5 + 10);
    expect(alignmentSvg(alignment, labels, { all: true }).match(/<rect class="c/g)).toHaveLength(2 * 40 + 10);
  });

  it('shows where transport goes even if similarity is best elsewhere', () => {
    const alignment = oneHot([0, 0], 30, true);
    const used = [...alignment.plan!].flatMap((mass, i) => (mass > 0 ? [i % 30] : []));
    expect(shownColumns(alignment)).toEqual(expect.arrayContaining(used));
    const labels = { query: ['a', 'b'], passage: numbered('t', 30) };
    expect(alignmentSvg(alignment, labels).match(/<circle/g)).toHaveLength(2);
  });

  it('cuts long passages into blocks, each with the row labels', () => {
    const labels = { query: ['alpha', 'beta'], passage: numbered('t', 50) };
    const svg = alignmentSvg(oneHot([10, 0], 50), labels, { all: true, columns: 20 });
    expect(svg.match(/class="row"[^>]*>alpha</g)).toHaveLength(3);
  });

  it('names both tokens and the value in each cell, outlines the best', () => {
    const svg = alignmentSvg(alignTokens(QUERY, PASSAGE, 2), LABELS);
    expect(svg).toContain('<title>maji · water: 0.800</title>');
    expect(svg).toContain('<title>maji · no: -1.000</title>');
    expect(svg.match(/ best"/g)).toHaveLength(2);
    expect(svg).toContain('>.80</text>');
  });

  it('runs columns from right to left for a right-to-left passage', () => {
    const place = (svg: string, token: string) =>
      Number(
        svg.match(new RegExp(`translate\\(([\\d.]+) [\\d.]+\\) rotate\\(-60\\)">[^<]*${token}`, 'u'))?.[1],
      );
    const arabic = { query: ['water', 'clean'], passage: ['ماء', 'نظيف', 'لا'] };
    const alignment = alignTokens(QUERY, PASSAGE, 2);
    const svg = alignmentSvg(alignment, arabic);
    expect(place(svg, 'ماء')).toBeGreaterThan(place(svg, 'نظيف'));
    const english = alignmentSvg(alignment, LABELS);
    expect(place(english, 'clean')).toBeLessThan(place(english, 'water'));
  });

  it('keeps the order of lightness in both schemes, so that grey print can be read', () => {
    const svg = alignmentSvg(alignTokens(QUERY, PASSAGE, 2), LABELS);
    const [light, dark] = svg
      .split('@media (prefers-color-scheme:dark)')
      .map((part) =>
        [...part.matchAll(/\.c\d\{fill:#(..)(..)(..)\}/g)].map(([, r, g, b]) =>
          [r, g, b].reduce((sum, hex, i) => sum + [0.2126, 0.7152, 0.0722][i] * Number.parseInt(hex, 16), 0),
        ),
      );
    expect(light).toHaveLength(10);
    expect(dark).toHaveLength(10);
    expect(light).toEqual([...light].sort((x, y) => y - x));
    expect(dark).toEqual([...dark].sort((x, y) => x - y));
  });
});

describe('alignmentHtml', () => {
  const alignment = alignTokens(QUERY, PASSAGE, 2, { plan: true });

  it('needs nothing from outside and runs nothing', () => {
    const html = alignmentHtml(alignment, LABELS, PAGE);
    expect(html).not.toMatch(/<script|<link|<img|@import|url\(/i);
    expect(html.replaceAll('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:/);
    expect(html).toContain('prefers-color-scheme');
    expect(html).toContain('<blockquote dir="auto">clean water no</blockquote>');
  });

  it('escapes everything that comes from the user', () => {
    const evil = `"><script>alert(1)</script>'&`;
    const html = alignmentHtml(
      alignment,
      { query: [evil, evil], passage: [evil, evil, evil] },
      { query: evil, passage: { id: evil, title: evil, text: evil } },
    );
    expect(html).not.toContain('<script');
    expect(html).not.toMatch(/="[^"]*">alert/);
    expect(html).toContain('&quot;&gt;&lt;script&gt;');
  });

  it('leaves direction to the text', () => {
    const html = alignmentHtml(
      alignment,
      { query: ['ماء', 'نظيف'], passage: ['पाणी', 'น้ำ', 'omi\u0301'] },
      { query: 'ماء نظيف', passage: { id: '١', title: 'पाणी', text: 'नदीचे पाणी\nاشرب' } },
    );
    expect(html).toContain('<h1 dir="auto">ماء نظيف</h1>');
    expect(html).toContain('<h2 dir="auto">पाणी</h2>');
    expect(html).toContain('<bdi>ماء</bdi>');
    expect(html).toContain('नदीचे पाणी اشرب');
  });
});
