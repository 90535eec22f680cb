/** The languages of a test set in which each kind of arm is compared. */
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { studySchema } from './checked-study.ts';
import { comparedIn } from './compared.ts';
import { STUDY } from './study.fixture.ts';

const study = studySchema.parse({
  ...parse(STUDY),
  languages: { ...parse(STUDY).languages, yo: { low: true, train: false }, vi: { train: false } },
  tests: {
    desk: {
      passages: 'p.jsonl',
      judgments: 'q.qrels',
      queries: { en: 'en.jsonl', sw: 'sw.jsonl', yo: 'yo.jsonl', ar: 'ar.jsonl' },
    },
    // Nothing but a language without training data, and English in a field of its queries.
    shelf: {
      passages: 'p.jsonl',
      judgments: 'q.qrels',
      queries: { en: { file: 'vi.jsonl', field: 'en' }, vi: 'vi.jsonl' },
    },
    bare: { passages: 'p.jsonl', judgments: 'q.qrels', queries: { en: 'en.jsonl', sw: 'sw.jsonl' } },
    rooms: {
      passages: { en: 'en.jsonl', sw: 'sw.jsonl', yo: 'yo.jsonl' },
      judgments: 'q.qrels',
      queries: { en: 'en.jsonl' },
    },
  },
  arms: {
    zero: { kind: 'zero-shot' },
    oracle: { kind: 'english-oracle' },
    shift: { kind: 'mean-shift' },
    optical: { kind: 'optical' },
    packs: { kind: 'optical', packs: 'each' },
    switched: { kind: 'code-switched' },
    mse: { kind: 'sentence-mse' },
    contrastive: { kind: 'contrastive' },
    raw: { kind: 'lexical', translate: 'none' },
    dictionary: { kind: 'lexical', translate: 'dictionary' },
    psq: { kind: 'lexical', translate: 'psq' },
    // biome-ignore lint/suspicious/noThenProperty: the word of the study file; never awaited.
    mt: { kind: 'translation', models: { sw: 'sw-en', ar: 'ar-en' }, then: 'bm25' },
    hybrid: { kind: 'fusion', of: ['dictionary', 'optical'] },
    students: { kind: 'fusion', of: ['switched', 'optical'] },
    unfit: { kind: 'fusion', of: ['mt', 'optical'] },
  },
});
const of = (test: string, arms: readonly string[]) =>
  Object.fromEntries(arms.map((arm) => [arm, comparedIn(study, study.arms[arm], test).join(' ')]));
const students = ['optical', 'switched', 'mse', 'contrastive'];
const withData = ['shift', 'packs', 'dictionary', 'psq', 'mt', 'hybrid', 'unfit'];
const all = (arms: readonly string[], languages: string) =>
  Object.fromEntries(arms.map((arm) => [arm, languages]));

it('students of one model read English beside their languages; what needs data is not in languages without', () => {
  expect(of('desk', students)).toEqual(all(students, 'sw yo ar en'));
  expect(of('desk', ['zero', 'raw', 'students'])).toEqual(all(['zero', 'raw', 'students'], 'sw yo ar'));
  expect(of('desk', withData)).toEqual(all(withData, 'sw ar'));
  expect(of('desk', ['oracle'])).toEqual({ oracle: 'en' });
});

it('a test set may have languages without training data alone', () => {
  expect(of('shelf', students)).toEqual(all(students, 'vi en'));
  expect(of('shelf', withData)).toEqual(all(withData, ''));
});

it('passages in each language have no English queries to score apart', () => {
  expect(of('rooms', [...students, 'zero'])).toEqual(all([...students, 'zero'], 'sw yo'));
  expect(of('rooms', ['shift', 'packs', 'dictionary', 'hybrid'])).toEqual(
    all(['shift', 'packs', 'dictionary', 'hybrid'], 'sw'),
  );
  expect(of('rooms', ['mt', 'unfit'])).toEqual(all(['mt', 'unfit'], ''));
});

it('English is not scored where the test set has no English queries', () => {
  const { en: _, ...queries } = study.tests.bare.queries;
  const without = { ...study, tests: { bare: { ...study.tests.bare, queries } } };
  expect(comparedIn(without, study.arms.optical, 'bare')).toEqual(['sw']);
});
