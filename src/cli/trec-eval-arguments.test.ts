import { describe, expect, test } from 'vitest';
import { readTrecArguments, TREC_OPTIONS_HELP } from './trec-eval-arguments.ts';

describe('readTrecArguments', () => {
  test('letters stand alone, together, or with their value attached', () => {
    expect(
      readTrecArguments(['-qc', '-mP.5,10', '-m', 'map', '-M100', '-l', '2', '-N1000', '-nJ', 'a', 'b']),
    ).toEqual({
      qrels: 'a',
      run: 'b',
      measures: ['P.5,10', 'map'],
      perQuery: true,
      complete: true,
      noSummary: true,
      judgedOnly: true,
      relevance: 2,
      depth: 100,
      collection: 1000,
      zScores: undefined,
    });
  });

  test('long names, options after files, and files after --', () => {
    const given = ['a', '--level_for_rel=3', 'b', '--Zscore', 'z', '--nosummary'];
    expect(readTrecArguments(given)).toMatchObject({
      qrels: 'a',
      run: 'b',
      relevance: 3,
      zScores: 'z',
      noSummary: true,
    });
    expect(readTrecArguments(['-q', '--', '-a', '-b'])).toMatchObject({ qrels: '-a', run: '-b' });
    expect(readTrecArguments(['-R', 'qrels', '-T', 'trec_results', 'a', 'b']).qrels).toBe('a');
  });

  test.each([
    [['-x', 'a', 'b'], /no option -x .*SETTING_UNKNOWN/],
    [['--level', '2', 'a', 'b'], /no option --level/],
    [['a'], /1 files .*SETTING_INVALID/],
    [['a', 'b', 'c'], /3 files/],
    [['a', 'b', '-m'], /-m lacks its value/],
    [['-M', '0', 'a', 'b'], /-M "0"/],
    [['-l', '1.5', 'a', 'b'], /-l "1.5"/],
    [['-R', 'prefs', 'a', 'b'], /format prefs/],
  ])('refuses %j', (given, message) => {
    expect(() => readTrecArguments(given)).toThrow(message);
  });

  test('the help has a line for each option', () => {
    expect(TREC_OPTIONS_HELP.split('\n').every((line) => /^ {2}-[a-zA-Z], --\w+/.test(line))).toBe(true);
  });
});
