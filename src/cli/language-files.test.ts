import { describe, expect, it } from 'vitest';
import { refusal } from '../../test/temporary.ts';
import { filesByLanguage } from './language-files.ts';

const named = (values: string[], language?: string) =>
  Object.fromEntries(filesByLanguage('--bitext', values, language));

describe('filesByLanguage', () => {
  it('gives names without label to the language of those before them', () => {
    expect(named(['sw=a.tsv,b.tsv,so=c.tsv'])).toEqual({ sw: ['a.tsv', 'b.tsv'], so: ['c.tsv'] });
    expect(named(['sw=a.tsv', 'so=c.tsv,sw=d.tsv'])).toEqual({ sw: ['a.tsv', 'd.tsv'], so: ['c.tsv'] });
  });

  it('gives names before any label to the language of the command', () => {
    expect(named(['a.tsv,so=c.tsv', 'b.tsv'], 'sw')).toEqual({ sw: ['a.tsv', 'b.tsv'], so: ['c.tsv'] });
  });

  it('does not cut a Moses pair, nor take a path for a label', () => {
    expect(named(['sw=x/tanzil.{en,sw},y.tsv'])).toEqual({ sw: ['x/tanzil.{en,sw}', 'y.tsv'] });
    expect(named(['data/a=b.tsv'], 'sw')).toEqual({ sw: ['data/a=b.tsv'] });
    expect(named(['pt_BR=a.en|a.pt'])).toEqual({ 'pt-BR': ['a.en|a.pt'] });
  });

  it('refuses what has no language, or an unknown one', async () => {
    expect((await refusal(() => named(['a.tsv']))).message).toContain('--bitext sw=a.tsv');
    expect((await refusal(() => named(['swahili=a.tsv']))).code).toBe('LANGUAGE_UNKNOWN');
    expect(named([])).toEqual({});
  });
});
