import { describe, expect, it } from 'vitest';
import { examineLengths, measureLengths } from './lengths.ts';
import { wordPiece } from './tokenizer.fixture.ts';

const tokenizer = wordPiece({ vocabulary: ['a'] });
const text = (tokens: number) => Array(tokens).fill('a').join(' ');

describe('measureLengths', () => {
  it('counts the frame, and what is lost', async () => {
    // With the frame: 4, 8, 8, 13; the limit of 8 cuts the last by 5 of all 21 tokens.
    const figures = await measureLengths([1, 5, 5, 10].map(text), 8, tokenizer);
    expect(figures).toEqual({
      texts: 4,
      limit: 8,
      cut: 0.25,
      tokensLost: 5 / 21,
      median: 8,
      p95: 13,
      p99: 13,
    });
  });
});

describe('examineLengths', () => {
  const limits = { queryMaxTokens: 8, passageMaxTokens: 16, positions: 64 };

  it('says how far to raise a limit', async () => {
    const queries = await measureLengths([1, 5, 5, 10].map(text), 8, tokenizer);
    const { verdict, findings } = examineLengths({ queries }, limits);
    expect(verdict).toBe('care');
    expect(findings[0].remedy).toContain('Raise retrieval.queryMaxTokens to 16 when');
  });

  it('says to cut passages that no position is left for', async () => {
    const passages = await measureLengths([100, 100, 100].map(text), 64, tokenizer);
    const { verdict, findings } = examineLengths({ passages }, { ...limits, passageMaxTokens: 64 });
    expect(verdict).toBe('unfit');
    expect(findings[0].remedy).toBe(
      'The model has 64 positions and can read no more; cut longer passages into several.',
    );
  });

  it('is content with texts that fit', async () => {
    const queries = await measureLengths([text(5)], 8, tokenizer);
    expect(examineLengths({ queries }, limits).verdict).toBe('ready');
  });
});
