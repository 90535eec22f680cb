/** The readers on the experiment kit and on trec_eval's own files; skipped where these are absent. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { loadBitext, readBitext } from './bitext.ts';
import { checkJudgments, readJudgments } from './judgments.ts';
import { checkLanguage } from './language.ts';
import { readLexiconReport } from './lexicon.ts';
import { readPassages } from './passages.ts';
import { readQueries } from './queries.ts';
import { readRun } from './runs.ts';

const kit = fileURLToPath(new URL('../../../shared/kit', import.meta.url));
const absent = !existsSync(kit);
if (absent) console.warn('src/data/kit.test.ts: skipped, there is no ../shared/kit beside the checkout');

const trec = fileURLToPath(new URL('../../../shared/conformance/trec_eval', import.meta.url));

const idsOf = (records: readonly { readonly id: string }[]) => new Set(records.map(({ id }) => id));

describe.skipIf(absent)('the kit', () => {
  it('teacher data: counts, first and last records, judgments that fit', async () => {
    const start = performance.now();
    const passages = await readPassages(`${kit}/train/teacher/passages.jsonl`);
    const queries = await readQueries(`${kit}/train/teacher/queries.train.jsonl`);
    const seconds = (performance.now() - start) / 1000;
    expect(passages).toHaveLength(18_891);
    expect(queries).toHaveLength(83_109);
    expect(passages[0]).toMatchObject({ id: 'sq00000', title: '2008 Sichuan earthquake' });
    expect(queries.every(({ answers }) => answers !== undefined && answers.length > 0)).toBe(true);
    expect(seconds).toBeLessThan(10); // about 1 s on an idle machine; tests may run on a loaded one
    for (const part of ['train', 'dev']) {
      const asked = part === 'train' ? queries : await readQueries(`${kit}/train/teacher/queries.dev.jsonl`);
      const judgments = await readJudgments(`${kit}/train/teacher/qrels.${part}.txt`);
      expect(judgments).toHaveLength(part === 'train' ? 83_109 : 4_490);
      checkJudgments(judgments, idsOf(asked), idsOf(passages));
    }
  });

  it.each([
    ['sw', 6279],
    ['so', 4670],
    ['tl', 7159],
    ['mr', 16042],
  ])('bitext %s: train and dev together hold %i pairs, nearly all usable', async (language, count) => {
    const specs = ['train', 'dev'].map((part) => `${kit}/train/bitext/en-${language}.${part}.tsv`);
    const bitext = await loadBitext(specs, { language });
    expect(bitext.report.read).toBe(count);
    expect(bitext.report.kept / count).toBeGreaterThan(0.97);
  });

  it('bitext: the sources of Swahili', async () => {
    const counts: Record<string, number> = {};
    for (const part of ['train', 'dev']) {
      const { pairs } = await readBitext(`${kit}/train/bitext/en-sw.${part}.tsv`, { language: 'sw' });
      for (const { source = '' } of pairs) counts[source] = (counts[source] ?? 0) + 1;
    }
    expect(counts).toMatchObject({ ntrex: 960, tico19: 3068, tatoeba: 387 });
  });

  it.each([
    ['so', 4016, 0],
    ['mr', 7021, 0],
    ['sw', 11886, 0],
    ['ar', 66467, 17],
  ])('dictionary %s: %i entries, %i without a side', async (language, count, empty) => {
    const { entries, skipped } = await readLexiconReport(`${kit}/train/dict/en-${language}.tsv`, language);
    expect([entries.length, skipped.empty.length, skipped.columns.length]).toEqual([count, empty, 0]);
  });

  it.each([
    ['indomain-xquad', ['en', 'th', 'zh'], 2067],
    ['indomain-ntrex', ['sw', 'so', 'tl', 'mr'], 123],
    ['ood-mlqa', ['ar', 'vi'], 978],
    ['ood-afriqa', ['swa', 'hau', 'ibo', 'kin', 'yor', 'zul', 'twi', 'bem'], 5359],
    ['ood-belebele', ['en'], 82],
  ])('test set %s', async (set, languages, count) => {
    const passages = await readPassages(`${kit}/test/${set}/corpus.en.jsonl`);
    expect(passages).toHaveLength(count);
    const judgments = await readJudgments(`${kit}/test/${set}/qrels.txt`);
    checkJudgments(judgments, { has: () => true }, idsOf(passages));
    const judged = new Set(judgments.map(({ query }) => query));
    for (const language of languages) {
      expect(checkLanguage(language)).toBe(language);
      const queries = await readQueries(`${kit}/test/${set}/queries.${language}.jsonl`);
      expect(queries.every((query) => query.language === language && judged.has(query.id))).toBe(true);
    }
  });
});

describe.skipIf(!existsSync(trec))("trec_eval's test files", () => {
  it('judgments, with comments and without, and ids that hold a #', async () => {
    const plain = await readJudgments(`${trec}/qrels.test`);
    expect(plain).toHaveLength(3681);
    expect(await readJudgments(`${trec}/qrels.test.with-comments`)).toHaveLength(3681);
    expect((await readJudgments(`${trec}/qrels.comment.test`))[0].passage).toBe(
      'msmarco_v2.1_doc_00_880019750#4_1633802806',
    );
  });

  it('runs, with words after the tag too', async () => {
    expect(await readRun(`${trec}/results.test`)).toHaveLength(1500);
    expect(await readRun(`${trec}/results.comment.test`)).toHaveLength(30_100);
    expect((await readRun(`${trec}/results.trunc`)).length).toBeGreaterThan(500);
  });
});
