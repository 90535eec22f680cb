/** Coverage by hand, and the kit's published figures; the latter skipped where the kit is absent. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readLexicon } from '../lexicon.ts';
import { readQueries } from '../queries.ts';
import type { LexiconEntry } from '../records.ts';
import { lexiconCoverage } from './coverage.ts';
import { SwitchLexicon } from './switch-lexicon.ts';
import { lexiconOf } from './switching.fixture.ts';

describe('lexiconCoverage', () => {
  it('by hand', async () => {
    const report = await lexiconCoverage(lexiconOf('sw', 'yo'), [
      "Where is the goat's clean water?",
      'Good water: 1990.',
    ]);
    // where is the goat clean water good water 1990; content: goat clean water good water.
    expect(report).toMatchObject({ texts: 2, words: 9, contentWords: 5, types: 4 });
    expect(report.languages.sw).toEqual({
      words: 4 / 9, // where goat water water
      contentWords: 3 / 5,
      types: 2 / 4,
      withPhrases: 5 / 9, // clean water
      lexicon: { headwords: 5, pairs: 5, unusable: 0, otherScript: 0 },
    });
    expect(report.languages.yo).toMatchObject({ words: 3 / 9, withPhrases: 5 / 9 });
    expect(report.unknown).toEqual([{ word: 'clean', count: 1 }]);
  });

  it('of nothing is nothing', async () => {
    expect(await lexiconCoverage(lexiconOf('th'), [''])).toMatchObject({
      words: 0,
      languages: { th: { words: 0, contentWords: 0, types: 0, withPhrases: 0 } },
    });
  });
});

const kit = fileURLToPath(new URL('../../../../shared/kit', import.meta.url));
const absent = !existsSync(kit);
if (absent) console.warn('coverage.test.ts: part skipped, there is no ../shared/kit beside the checkout');

describe.skipIf(absent)('the kit', () => {
  it("its dictionaries know as much of the teacher's questions as its README says", async () => {
    const published = { so: 0.21, mr: 0.34, sw: 0.47, tl: 0.6, hi: 0.7, fr: 0.78 };
    const dictionaries = new Map<string, LexiconEntry[]>();
    for (const code of Object.keys(published))
      dictionaries.set(code, await readLexicon(`${kit}/train/dict/en-${code}.tsv`, code));
    const questions = await readQueries(`${kit}/train/teacher/queries.train.jsonl`);
    const texts = questions.filter((_, i) => i % 20 === 0).map(({ text }) => text);
    const { languages } = await lexiconCoverage(new SwitchLexicon(dictionaries), texts);
    for (const [code, share] of Object.entries(published))
      expect(
        Math.abs(languages[code].contentWords - share),
        `${code} ${languages[code].contentWords}`,
      ).toBeLessThan(0.03);
  }, 240_000); // 4 s of computing; tests may run on a loaded machine
});
