/** Cards: what is unknown is said to be, and what people wrote stays. */
import { describe, expect, it } from 'vitest';
import { parseDocument } from 'yaml';
import { refusal } from '../../test/temporary.ts';
import { modelCard } from './card.ts';
import { scoresSection } from './card-scores.ts';
import { section, table, withFields, withSection } from './card-sections.ts';
import { type RetrieverSettings, retrievalSettings } from './settings.ts';

const common = {
  version: '1.0',
  createdWith: '0.1.0',
  retrieval: retrievalSettings({ dim: 64, queryMaxTokens: 32, passageMaxTokens: 180 }),
};
const pack: RetrieverSettings = {
  ...common,
  kind: 'pack',
  languages: ['zh-Hant', 'yo'],
  teacher: '9f2c61d07b3ae845',
  readings: true,
  training: {},
};
const metadata = (card: string) => parseDocument(card.split('---\n')[1]).toJS();

describe('modelCard', () => {
  it('says of an older pack that its sources, steps and scores are unknown', () => {
    const card = modelCard({ ...pack, training: { pairs: { yo: 12 } } });
    expect(metadata(card)).toMatchObject({
      language: ['zh', 'yo'],
      license: 'unknown',
      library_name: 'refract',
    });
    expect(card).toContain('12 sentence pairs of Yoruba. Sources and licences are unknown');
    expect(card).toContain('| steps | unknown |');
    expect(card).toContain('Scores while it was trained are unknown.');
    expect(card).toContain('`9f2c61d07b3ae845`');
    expect(card).not.toMatch(/undefined|NaN|\[object/);
  });

  it('says how a pack was reduced', () => {
    const told = (more: object) => modelCard({ ...pack, ...more });
    expect(told({})).toContain('whole model. It is bit for bit as it was trained.');
    expect(told({ difference: 1, reduced: { precision: 'float16', energy: 0.9 } })).toContain(
      'difference from the teacher alone; Refract puts both together. It is not bit for bit as it was trained: its difference from the teacher was rounded to half precision and cut in every linear weight to the singular values that hold 0.9',
    );
  });

  it('tells of a teacher its fingerprint and counts, and never where its data come from', () => {
    const training = {
      settings: { seed: 3, train: { steps: 10 } },
      report: { steps: 10, finalLoss: 1, best: { value: 0.5, step: 5 }, seconds: 2, stoppedEarly: true },
      data: { passages: 7, queries: 5, judgments: 6, extraTexts: 0 },
    };
    const card = modelCard({ ...common, kind: 'teacher', languages: ['en'], training }, 'abc');
    expect(card).toContain('Fingerprint: `abc`.');
    expect(card).toContain('7 passages, 5 queries and 6 judgments');
    expect(card).toContain('| steps | 10 (stopped early) |');
    expect(card).toContain('RR@10 on held-out data was 0.500 at step 5');
    expect(card).toContain('is unknown to Refract');
  });

  it('keeps a source’s odd name within its cell', () => {
    const bitext = [{ language: 'yo', source: 'a|b\nc', count: 2 }];
    const card = modelCard({ ...pack, training: { data: { bitext, dictionaries: [], anchors: 0 } } });
    expect(card).toContain('| Yoruba (yo) | a\\|b c | 2 | unknown |');
    expect(card).toContain("No texts in the language of the teacher held it to the teacher's vectors.");
  });
});

describe('parts of a card', () => {
  it('are replaced where they are, and added where they are not', () => {
    const card = `# A\n\n${section('scores', 'old')}\n\n# B\n`;
    expect(withSection(card, 'scores', '$& new')).toBe(`# A\n\n${section('scores', '$& new')}\n\n# B\n`);
    expect(withSection('# A\n', 'scores', 'new')).toBe(`# A\n\n${section('scores', 'new')}\n`);
  });

  it('set fields of the metadata and keep others, and comments', async () => {
    const card = '---\nlicense: unknown # ask\nmine: [1, 2]\n---\n\n# A\n';
    const set = withFields(card, { license: 'mit', datasets: ['a/b'] }, 'README.md');
    expect(metadata(set)).toEqual({ license: 'mit', mine: [1, 2], datasets: ['a/b'] });
    expect(set).toContain('# ask');
    expect(set.endsWith('---\n\n# A\n')).toBe(true);
    expect(metadata(withFields('# A\n', { license: 'mit' }, 'README.md'))).toEqual({ license: 'mit' });
    const error = await refusal(() => withFields('---\na: [\n---\n', { license: 'mit' }, 'README.md'));
    expect(error).toMatchObject({ code: 'FILE_FORMAT', at: 'README.md' });
  });

  it('make tables of scores in the order of the systems', async () => {
    const json = {
      systems: [
        { system: 'teacher', means: { 'R@1': 0.25 }, queries: 4 },
        { system: 'pack', means: { 'R@1': 0.5, 'nDCG@10': 0.75 }, queries: 4 },
      ],
    };
    expect(scoresSection([{ name: 'afriqa', json }])).toBe(
      `afriqa:\n\n${table(
        ['system', 'queries', 'R@1', 'nDCG@10'],
        [
          ['teacher', 4, '0.2500', 'unknown'],
          ['pack', 4, '0.5000', '0.7500'],
        ],
      )}`,
    );
    expect((await refusal(() => scoresSection([{ name: 'x', json: { systems: [] } }]))).code).toBe(
      'FILE_FORMAT',
    );
  });
});
