import { describe, expect, it } from 'vitest';
import { loadTokenizer, type TextTokenizer } from '../text/tokenizer.ts';
import { trainTokenizer } from '../text/train-bpe.ts';
import { surveyTexts } from './text-survey.ts';
import { TokenKinds } from './token-kinds.ts';
import { letters, wordPiece } from './tokenizer.fixture.ts';
import { examineUnknown } from './unknown-pieces.ts';
import { countWordsAndTokens } from './word-counts.ts';

async function examined(texts: string[], language: string, tokenizer: TextTokenizer) {
  const survey = await surveyTexts(texts, 'text');
  const words = await countWordsAndTokens(survey.sample, language, tokenizer);
  return examineUnknown(language, survey, words, tokenizer, new TokenKinds(tokenizer));
}

describe('TokenKinds', () => {
  it('finds characters that a WordPiece vocabulary has only inside words', () => {
    const kinds = new TokenKinds(wordPiece({ vocabulary: ['a', '##b'] }));
    expect(['a', 'b', 'c', '\u200b'].map((character) => kinds.ofCharacter(character))).toEqual([
      'whole',
      'whole',
      'unknown',
      'dropped',
    ]);
  });

  it('tells characters of a byte-level vocabulary from parts of them', () => {
    const tokenizer = loadTokenizer('test/fixtures/tokenizer/byte-level.json');
    const kinds = new TokenKinds(tokenizer);
    expect(kinds.ofCharacter('a')).toBe('whole');
    expect(kinds.ofCharacter('ā')).toBe(tokenizer.encode('ā').length === 1 ? 'whole' : 'split');
    expect(kinds.ofCharacter('𞤀')).toBe('split'); // Adlam: four bytes, which no merge joins
  });

  it('shows byte-level tokens by their letters, and parts of letters as bytes', () => {
    const tokenizer = loadTokenizer('test/fixtures/tokenizer/byte-level.json');
    const kinds = new TokenKinds(tokenizer);
    expect(kinds.shown(tokenizer.encode('𞤀')).join('')).toMatch(/<0xF0><0x9E><0xA4><0x80>$/);
    expect(kinds.shown(tokenizer.encode('the ọjọ́ पानी')).join('')).not.toMatch(/[à¤Ġáģ]/);
    expect(kinds.shown([tokenizer.roleId('mask')])).toEqual([
      tokenizer.tokens([tokenizer.roleId('mask')])[0],
    ]);
    expect(new TokenKinds(wordPiece({ vocabulary: ['¤'] })).shown([5])).toEqual(['¤']);
  });
});

describe('examineUnknown', () => {
  it('counts words with an unknown piece, and characters, by hand', async () => {
    // Of 4 words 1 is unknown; of 16 letters 4 are.
    const { figures, verdict, findings } = await examined(
      ['maji safi', 'maji вода'],
      'sw',
      wordPiece({ vocabulary: letters('majisf') }),
    );
    expect(figures).toMatchObject({ unknownWords: 0.25, wholeCharacters: 0.75, unknownCharacters: 0.25 });
    expect(verdict).toBe('unfit');
    expect(findings[0].examples).toEqual(['вода']);
  });

  it('says that Thai is bytes to a tokenizer that was trained without Thai', async () => {
    const json = await trainTokenizer(['the water is clean', 'drink clean water'], { vocabSize: 320 });
    const { figures, verdict, findings } = await examined(['ต้มน้ำ', 'ดื่มน้ำ'], 'th', loadTokenizer({ ...json }));
    expect(figures).toMatchObject({ unknownWords: 0, wholeCharacters: 0, splitCharacters: 1 });
    expect(verdict).toBe('unfit');
    expect(findings[0].examples).toContain('◌้');
    expect(findings[0].remedy).toContain('refract teach');
  });

  it('notes digits of a script that are missing, without a worse verdict', async () => {
    const text = 'पानी पानी पानी पानी पानी पानी पानी पानी पानी पानी पानी पानी पानी पानी पानी';
    const json = await trainTokenizer([text, text], { vocabSize: 300 });
    const { verdict, findings } = await examined([`${text} ७`], 'hi', loadTokenizer({ ...json }));
    expect(verdict).toBe('ready');
    expect(findings).toMatchObject([{ weight: 'note', examples: ['७'] }]);
  });
});
