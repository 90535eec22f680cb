import { describe, expect, it } from 'vitest';
import { countParallelTokens, examineFertility } from './fertility.ts';
import { TokenKinds } from './token-kinds.ts';
import { letters, wordPiece } from './tokenizer.fixture.ts';
import { countWordsAndTokens } from './word-counts.ts';

const tokenizer = wordPiece({ vocabulary: [...letters('abcdefghijklmnopqrstuvwxyz'), 'water', 'the', '.'] });
const kinds = new TokenKinds(tokenizer);
const count = (texts: string[], language: string) => countWordsAndTokens(texts, language, tokenizer);

describe('countWordsAndTokens', () => {
  it('counts running words, and tokens without punctuation', async () => {
    // the + water = 2 tokens; m ##a ##j ##i = 4, twice
    const { total, tokens, counts } = await count(['The water.', 'maji maji'], 'sw');
    expect([total, tokens]).toEqual([4, 10]);
    expect(counts.get('maji')).toBe(2);
  });

  it('cuts a text without spaces', async () => {
    expect((await count(['ฉันรักแมว'], 'th')).total).toBe(3);
  });
});

describe('examineFertility', () => {
  it('compares the same sentences by their tokens', async () => {
    const pairs = [{ pivot: 'the water', target: 'maji' }];
    const parallel = await countParallelTokens(pairs, tokenizer);
    expect(parallel).toEqual({ pairs: 1, pivot: 2, target: 4 });
    const words = await count(['maji'], 'sw');
    const { figures, verdict } = examineFertility(
      { language: 'Swahili', pivotLanguage: 'English', words, parallel },
      tokenizer,
      kinds,
    );
    expect(figures).toMatchObject({ fertility: 4, premium: 2, splitWords: 1, premiumFrom: 'pairs' });
    expect(verdict).toBe('ready'); // 2 is the bound
  });

  it('compares words where there are no pairs, and names those that cost most', async () => {
    const words = await count(['maji safi maji'], 'sw'); // 12 tokens, 3 words
    const pivotWords = await count(['the water'], 'en'); // 2 tokens, 2 words
    const { figures, verdict, findings } = examineFertility(
      { language: 'Swahili', pivotLanguage: 'English', words, pivotWords },
      tokenizer,
      kinds,
    );
    expect(figures).toMatchObject({ fertility: 4, pivotFertility: 1, premium: 4, premiumFrom: 'words' });
    expect(verdict).toBe('care'); // above 2, not above 4
    expect(findings[0].examples).toEqual(['maji = m ##a ##j ##i', 'safi = s ##a ##f ##i']);
    expect(findings[0].remedy).toContain('--text FILE');
  });

  it('does not judge by tokens where whole words are one unknown token, nor praise a vocabulary that is small for both', async () => {
    const words = await count(['вода вода maji'], 'sw');
    const blind = examineFertility({ language: 'x', pivotLanguage: 'y', words }, tokenizer, kinds);
    expect(blind).toMatchObject({ verdict: 'ready', findings: [{ weight: 'note' }] });
    const both = await count(['maji'], 'sw');
    const small = examineFertility(
      { language: 'x', pivotLanguage: 'y', words: both, pivotWords: both },
      tokenizer,
      kinds,
    );
    expect(small).toMatchObject({ verdict: 'care', figures: { premium: 1 } });
  });

  it('will not work above 4', async () => {
    const words = await count(['kupambanua'], 'sw');
    const parallel = { pairs: 1, pivot: 2, target: 9 };
    expect(
      examineFertility({ language: 'Swahili', pivotLanguage: 'English', words, parallel }, tokenizer, kinds)
        .verdict,
    ).toBe('unfit');
  });
});
