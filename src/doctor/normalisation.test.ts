import { describe, expect, it } from 'vitest';
import type { TextTokenizer } from '../text/tokenizer.ts';
import { LostCharacters, lossOf } from './lost-characters.ts';
import { examineNormalisation } from './normalisation.ts';
import { TokenKinds } from './token-kinds.ts';
import { letters, wordPiece } from './tokenizer.fixture.ts';
import { countWordsAndTokens } from './word-counts.ts';

const strips = wordPiece({ vocabulary: letters('abcdefghijklmnopqrstuvwxyzı'), stripAccents: true });
const keeps = wordPiece({
  vocabulary: letters('abcdefghijklmnopqrstuvwxyzıọóòẹ\u0300\u0301पानी\u093e\u0940كتب\u064e'),
});

async function examined(texts: string[], language: string, tokenizer: TextTokenizer) {
  const words = await countWordsAndTokens(texts, language, tokenizer);
  return examineNormalisation(language, language, texts, words, tokenizer, new TokenKinds(tokenizer));
}

describe('LostCharacters', () => {
  it('finds tone marks and dots below', () => {
    const { points, characters } = new LostCharacters(strips, 'yo').in('Ọjọ́');
    expect(points).toEqual(['\u0323', '\u0323', '\u0301']);
    expect(characters).toBe(3);
    expect(new LostCharacters(keeps, 'yo').in('Ọjọ́').points).toEqual([]);
  });

  it('does not count case, composition or compatibility forms', () => {
    expect(new LostCharacters(keeps, 'yo').in('ỌJỌ́ ﬁ'.normalize('NFD')).points).toEqual([]);
  });

  it('sees the dotless i of Turkish go', () => {
    expect(new LostCharacters(strips, 'tr').in('I').points).toEqual(['ı']);
    expect(new LostCharacters(strips, 'en').in('I').points).toEqual([]);
  });

  it.each([
    ['\u0301', 'tone'],
    ['\u0940', 'vowel'],
    ['\u064e', 'harakat'],
    ['\u05b8', 'harakat'],
    ['\u200d', 'joiner'],
    ['ı', 'letter'],
    ['!', 'other'],
  ])('knows what %j is', (point, loss) => {
    expect(lossOf(point)).toBe(loss);
  });
});

describe('examineNormalisation', () => {
  it('says that Yoruba words fall together where tone marks are stripped', async () => {
    const { figures, verdict, findings } = await examined(['ọkọ ọkọ́ ọkọ̀ ile'], 'yo', strips);
    // Of 4 words: the commonest of three forms and the other two, of which as many of the first count as it has.
    expect(figures.mergedWords).toBe(2 / 4);
    expect(figures.mergedForms).toBe(3);
    // 12 letters, of which 6 lose a dot and 2 a tone.
    expect(figures.lostCharacters).toBeCloseTo(8 / 12);
    expect(figures.losses).toEqual({ tone: 8 });
    expect(verdict).toBe('unfit');
    expect(findings[0].examples).toEqual(['ọkọ / ọkọ́ / ọkọ̀ → oko']);
    expect(findings[1].examples).toEqual(['◌̣', '◌́', '◌̀']);
    expect(findings[0].remedy).toContain('strip_accents');
  });

  it('finds nothing where they are kept', async () => {
    const { figures, verdict } = await examined(['ọkọ ọkọ́ ọkọ̀'], 'yo', keeps);
    expect(verdict).toBe('ready');
    expect(figures).toMatchObject({ lostCharacters: 0, mergedWords: 0, roundTrips: 1 });
  });

  it('tells vowel signs of Devanagari from harakat of Arabic', async () => {
    const devanagari = await examined(['कुल कल'], 'hi', strips);
    expect(devanagari.figures.losses).toEqual({ vowel: 1 });
    expect(devanagari.figures.mergedWords).toBe(1);
    const arabic = await examined(['كَتَبَ كتب'], 'ar', strips);
    expect(arabic.figures.losses).toEqual({ harakat: 3 });
    expect(arabic.figures.mergedWords).toBe(1);
  });

  it('counts texts that do not come back', async () => {
    const { figures, findings } = await examined(['abc', 'вода'], 'en', keeps);
    expect(figures.roundTrips).toBe(0.5);
    expect(findings).toMatchObject([{ weight: 'note', examples: ['вода → '] }]);
  });
});
