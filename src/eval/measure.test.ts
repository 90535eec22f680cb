import { describe, expect, test } from 'vitest';
import { DEFAULT_MEASURES, MEASURE_FAMILIES, parseMeasure } from './measure.ts';

describe('parseMeasure', () => {
  test.each([
    ['nDCG@10', 'nDCG@10', 10, 1],
    ['ndcg', 'nDCG', Number.POSITIVE_INFINITY, 1],
    ['MAP', 'AP', Number.POSITIVE_INFINITY, 1],
    ['mrr@10', 'RR@10', 10, 1],
    ['recip_rank', 'RR', Number.POSITIVE_INFINITY, 1],
    ['P(rel=2)@5', 'P(rel=2)@5', 5, 2],
    [' P ( rel = 2 ) @ 5 ', 'P(rel=2)@5', 5, 2],
    ['Recall@100', 'R@100', 100, 1],
    ['Rprec(rel=3)', 'Rprec(rel=3)', Number.POSITIVE_INFINITY, 3],
    ['AP(rel=1)', 'AP', Number.POSITIVE_INFINITY, 1],
    ['Judged@20', 'Judged@20', 20, 1],
  ])('%s', (text, name, cutoff, relevance) => {
    expect(parseMeasure(text)).toMatchObject({ name, cutoff, relevance });
    expect(parseMeasure(parseMeasure(text).name).name).toBe(name);
  });

  test('an unknown name suggests the nearest and lists all', () => {
    expect(() => parseMeasure('nDGC@10')).toThrow(
      /no such measure: nDGC@10 \[SETTING_UNKNOWN\]\n.*Did you mean nDCG\?/,
    );
    expect(() => parseMeasure('Sucess@5')).toThrow(/Did you mean Success\?/);
    expect(() => parseMeasure('bleurtscore')).toThrow(/\n {2}Measures: nDCG\[@k\], AP\[\(rel=g\)\]\[@k\]/);
  });

  test.each(['', '@10', 'nDCG@', 'nDCG@ten', 'P(level=2)@5', 'P@5@6', 'nDCG 10'])('refuses %j', (text) => {
    expect(() => parseMeasure(text)).toThrow(/SETTING_UNKNOWN/);
  });

  test.each(['P', 'Success', 'Rprec@5', 'nDCG@0', 'nDCG@-1', 'P(rel=0)@5', 'nDCG(rel=2)@10'])(
    'refuses what the measure cannot take: %s',
    (text) => {
      expect(() => parseMeasure(text)).toThrow(/SETTING_INVALID/);
    },
  );

  test('every family and default measure parses', () => {
    for (const { name, cutoff } of MEASURE_FAMILIES) parseMeasure(cutoff === 'required' ? `${name}@1` : name);
    expect(DEFAULT_MEASURES.map((name) => parseMeasure(name).name)).toEqual(DEFAULT_MEASURES);
  });
});
