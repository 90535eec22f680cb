import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { refusal } from '../../test/temporary.ts';
import type { ProgressFactory } from '../progress.ts';
import { learnMerges } from './learn-merges.ts';
import { loadTokenizer } from './tokenizer.ts';
import { byteTokens, SPECIAL_TOKENS, trainTokenizer } from './train-bpe.ts';

const fixture = (name: string): string =>
  readFileSync(new URL(`../../test/fixtures/tokenizer/${name}`, import.meta.url), 'utf8');
const sentences = fixture('sentences.txt').split('\n').slice(0, -1);

describe('learnMerges', () => {
  it('merges the most frequent pair first, counted by hand', async () => {
    // ab: 5 + 3 = 8; bc: 5; then (ab)c: 5; then (ab)d: 3.
    const { tokens, merges } = await learnMerges(
      [
        ['abc', 5],
        ['abd', 3],
      ],
      ['a', 'b', 'c', 'd'],
      7,
      1,
    );
    expect(merges).toEqual([
      ['a', 'b'],
      ['ab', 'c'],
      ['ab', 'd'],
    ]);
    expect(tokens).toEqual(['a', 'b', 'c', 'd', 'ab', 'abc', 'abd']);
  });

  it('breaks ties by the text of the merged token, then of its left half', async () => {
    expect(
      (
        await learnMerges(
          [
            ['ba', 2],
            ['ab', 2],
            ['ac', 2],
          ],
          ['a', 'b', 'c'],
          6,
          1,
        )
      ).merges,
    ).toEqual([
      ['a', 'b'],
      ['a', 'c'],
      ['b', 'a'],
    ]);
  });

  it('merges runs of one character from the left', async () => {
    // aaaa -> (aa)(aa) -> (aaaa); aaa -> (aa)a -> (aaa).
    expect(
      (
        await learnMerges(
          [
            ['aaaa', 4],
            ['aaa', 2],
          ],
          ['a'],
          9,
          1,
        )
      ).tokens,
    ).toEqual(['a', 'aa', 'aaaa', 'aaa']);
  });

  it('stops at the least frequency and leaves characters outside the alphabet alone', async () => {
    expect(
      (
        await learnMerges(
          [
            ['ab', 1],
            ['cd', 2],
          ],
          ['a', 'b', 'c', 'd'],
          99,
          2,
        )
      ).merges,
    ).toEqual([['c', 'd']]);
    expect((await learnMerges([['axb', 9]], ['a', 'b'], 99, 1)).merges).toEqual([]);
  });

  it('equals recounting every pair after every merge', async () => {
    const words = fc.uniqueArray(fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 9 }), {
      maxLength: 12,
    });
    await fc.assert(
      fc.asyncProperty(words, async (list) => {
        const counts = list.map((word, i): [string, number] => [word, (i % 4) + 1]);
        const { merges } = await learnMerges(counts, ['a', 'b', 'c'], 16, 2);
        expect(merges).toEqual(mergesByRecounting(counts, 16));
      }),
      { seed: 1, numRuns: 200 },
    );
  });
});

/** The definition, without any bookkeeping. */
function mergesByRecounting(counts: readonly [string, number][], maxTokens: number): string[][] {
  let words = counts.map(([word, count]): [string[], number] => [[...word], count]);
  const tokens = new Set(['a', 'b', 'c']);
  const merges: string[][] = [];
  while (tokens.size < maxTokens) {
    const pairs = new Map<string, number>();
    for (const [symbols, count] of words) {
      for (let i = 0; i + 1 < symbols.length; i++) {
        const pair = `${symbols[i]} ${symbols[i + 1]}`;
        pairs.set(pair, (pairs.get(pair) ?? 0) + count);
      }
    }
    const best = [...pairs]
      .filter(([pair, count]) => count >= 2 && pair.length <= 25)
      .sort(([a, countA], [b, countB]) => {
        const [mergedA, mergedB] = [a.replace(' ', ''), b.replace(' ', '')];
        if (countA !== countB) return countB - countA;
        return mergedA === mergedB ? a.indexOf(' ') - b.indexOf(' ') : mergedA < mergedB ? -1 : 1;
      })[0]?.[0];
    if (best === undefined) break;
    const [left, right] = best.split(' ');
    merges.push([left, right]);
    tokens.add(left + right);
    words = words.map(([symbols, count]) => {
      const merged: string[] = [];
      for (let i = 0; i < symbols.length; i++) {
        if (symbols[i] === left && symbols[i + 1] === right) merged.push(left + symbols[++i]);
        else merged.push(symbols[i]);
      }
      return [merged, count];
    });
  }
  return merges;
}

describe('trainTokenizer', () => {
  it('gives the committed tokenizer.json, byte for byte', async () => {
    const json = await trainTokenizer(sentences.slice(0, 90), { vocabSize: 800 });
    expect(`${JSON.stringify(json)}\n`).toBe(fixture('tokenizer.json'));
  });

  it('numbers special tokens, bytes, alphabet and merges in this order, without gaps', async () => {
    const json = await trainTokenizer(sentences, { vocabSize: 900 });
    const vocab = json.model.vocab as Record<string, number>;
    const byId = Object.entries(vocab).sort((a, b) => a[1] - b[1]);
    expect(byId.map(([, id]) => id)).toEqual(byId.map((_, i) => i));
    expect(byId.slice(0, 263).map(([token]) => token)).toEqual([...SPECIAL_TOKENS, ...byteTokens()]);
    expect(byId[263][0]).toBe('▁');
    expect(byId).toHaveLength(900);
  });

  it('learns words of a low-resource language when its texts are weighted up', async () => {
    const texts = (word: string, n: number): string[] => Array.from({ length: n }, () => word);
    const english = { texts: Array.from({ length: 60 }, (_, i) => `water${i} river`), weight: 1 };
    const isToken = async (weight: number): Promise<boolean> => {
      const somali = { texts: texts('webiga', 3), weight };
      const json = await trainTokenizer([english, somali], { vocabSize: 292 });
      return loadTokenizer(json).encode('webiga').length === 1;
    };
    expect(await isToken(1)).toBe(false);
    expect(await isToken(40)).toBe(true);
    expect(await trainTokenizer([{ texts: ['a b a'], weight: 2 }], { vocabSize: 300 })).toEqual(
      await trainTokenizer(['a b a', 'a b a'], { vocabSize: 300 }),
    );
  });

  it('keeps combining marks with their letters and sets punctuation apart', async () => {
    const text = 'क्षत्रिय, ọ́jọ́! مُحَمَّد؟ น้ำ';
    const json = await trainTokenizer([text, text], { vocabSize: 400 });
    const tokens = loadTokenizer(json)
      .words(text)
      .map((word) => word.word);
    expect(tokens).toEqual(['क्षत्रिय', ',', 'ọ́jọ́', '!', 'مُحَمَّد', '؟', 'น้ำ']);
  });

  it('cuts numbers into groups of at most three digits', async () => {
    const json = await trainTokenizer(['1234567 2019 covid19'.repeat(3)], { vocabSize: 400 });
    const tokens = loadTokenizer(json);
    const longest = Math.max(
      ...Object.keys(json.model.vocab ?? {}).map((t) => t.match(/\p{N}/gu)?.length ?? 0),
    );
    expect(longest).toBe(3);
    expect(tokens.tokens(tokens.encode('2019'))).toEqual(['▁201', '9']);
  });

  it('folds case unless told not to', async () => {
    const count = async (lowercase: boolean): Promise<number> => {
      const json = await trainTokenizer(['Water WATER water ΟΔΟΣ'], { vocabSize: 300, lowercase });
      const tokenizer = loadTokenizer(json);
      return new Set(['Water', 'WATER', 'water'].map((word) => tokenizer.encode(word).join())).size;
    };
    expect(await count(true)).toBe(1);
    expect(await count(false)).toBe(3);
  });

  it('without byte fallback gives [UNK] for unknown characters', async () => {
    const tokenizer = loadTokenizer(await trainTokenizer(['ab ab'], { vocabSize: 40, byteFallback: false }));
    expect(tokenizer.tokens(tokenizer.encode('ab ☂'))).toEqual(['▁ab', '▁', '[UNK]']);
  });

  it('decodes what it encodes, spaces around punctuation apart', async () => {
    const tokenizer = loadTokenizer(await trainTokenizer(sentences, { vocabSize: 1000 }));
    const letters = (text: string): string => text.replace(/[^\p{L}\p{M}\p{N}\p{P}\p{S}]/gu, '');
    for (const text of sentences.filter((sentence) => !sentence.includes('▁'))) {
      const folded = text.normalize('NFC').toLowerCase().replaceAll('ς', 'σ');
      expect(letters(tokenizer.decode(tokenizer.encode(text)))).toBe(letters(folded));
    }
  });

  it('refuses settings that make no sense', async () => {
    const message = (...given: Parameters<typeof trainTokenizer>) => expect(trainTokenizer(...given)).rejects;
    await message(['a'], { vocabSize: 100 }).toThrow(/too small \[SETTING_INVALID\]/);
    await message(['a'], { vocabSize: 500.5 }).toThrow(/SETTING_INVALID/);
    await message(['a'], { vocabSize: 500, specialTokens: ['[PAD]'] }).toThrow(/\[UNK\], \[CLS\]/);
    await message([{ texts: ['a'], weight: 0 }], { vocabSize: 500 }).toThrow(/weight of 0/);
    await message(['  ', ''], { vocabSize: 500 }).toThrow(/FILE_EMPTY/);
  });

  it('gives the same bytes wherever its turns fall', async () => {
    const groups = [
      { texts: sentences.slice(0, 50), weight: 1 },
      { texts: sentences.slice(50), weight: 2.5 },
    ];
    const settings = { vocabSize: 1500, lowercase: false };
    const now = vi.spyOn(performance, 'now');
    let clock = 0;
    now.mockImplementation(() => (clock += 1000)); // a turn after each unit of work
    const often = await trainTokenizer(groups, settings);
    now.mockImplementation(() => 0); // none but the first
    const seldom = await trainTokenizer(groups, settings);
    now.mockRestore();
    expect(often).toEqual(seldom);
    // SHA-256 of what training without turns gave.
    expect(createHash('sha256').update(JSON.stringify(often)).digest('hex')).toBe(
      'b49af253ad78a268fbfd819ae4f07a4da3b26b74fbca8655f48fce27b33c7d54',
    );
  });

  it('tells how far it is, and stops in any of its stages', async () => {
    const told: string[] = [];
    const stages = ['counting words', 'splitting words', 'choosing the alphabet', 'learning the tokenizer'];
    for (const stage of stages) {
      const stop = new AbortController();
      const progress: ProgressFactory = (label, total, unit) => {
        told.push(`${label}: ${total > 0} ${unit}`);
        return { update: () => label === stage && stop.abort(), end() {} };
      };
      const control = { progress, signal: stop.signal, directory: 'teacher.run' };
      const error = await refusal(() => trainTokenizer(sentences, { vocabSize: 600 }, control));
      expect(error).toMatchObject({ code: 'INTERRUPTED', at: 'teacher.run' });
      expect(error.message).toContain(stage);
    }
    expect(told.slice(-4)).toEqual([
      'counting words: true texts',
      'splitting words: true words',
      'choosing the alphabet: true words',
      'learning the tokenizer: true tokens',
    ]);
  });
});
