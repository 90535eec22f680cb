/** Languages that test sets alone have: which arms are compared there, and that no model learns of them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { refract } from '../../test/command-line.ts';
import { temporaryFolder } from '../../test/temporary.ts';
import { studySchema } from './checked-study.ts';
import { studyMatrix } from './matrix.ts';
import { STUDY, writeStudyData } from './study.fixture.ts';
import { StudyFiles } from './study-files.ts';

const folder = temporaryFolder();
const at = (name: string) => join(folder.path, name);

describe('a language without training data', () => {
  const few =
    'maxTokens: 16, batch: { pairs: 2, switched: 1, anchors: 1 }, train: { steps: 1, warmupSteps: 0 }';
  const ARMS = `  zero: { kind: zero-shot }
  oracle: { kind: english-oracle }
  shift: { kind: mean-shift, sentences: 3 }
  optical: { kind: optical, settings: { ${few} } }
  packs: { kind: optical, packs: each, settings: { ${few} } }
  mse: { kind: sentence-mse, settings: { maxTokens: 16, batch: { pairs: 2 }, train: { steps: 1, warmupSteps: 0 } } }
  switched: { kind: code-switched, settings: { batch: { queries: 2 }, train: { steps: 1, warmupSteps: 0 } } }
  raw: { kind: lexical, translate: none }
  dictionary: { kind: lexical, translate: dictionary }
  hybrid: { kind: fusion, of: [dictionary, optical] }
  both: { kind: fusion, of: [raw, optical] }
`;
  const textOf = (change: (text: string) => string) =>
    `${change(STUDY.slice(0, STUDY.indexOf('arms:')))}arms:\n${ARMS}`;
  /** Yoruba in the test set, and Vietnamese in one that has nothing else. */
  const unseen = (text: string) =>
    text
      .replace('tests:', '  yo: { low: true, train: false }\n  vi: { train: false }\ntests:')
      .replace('ar: test.ar.jsonl }', 'yo: test.yo.jsonl, ar: test.ar.jsonl }')
      .replace(
        '\nteacher:',
        '\n  shelf:\n    passages: passages.jsonl\n    judgments: test.qrels\n    queries: { en: test.en.jsonl, vi: test.vi.jsonl }\nteacher:',
      );
  beforeAll(async () => {
    await writeStudyData(folder);
    folder.write('test.yo.jsonl', '{"id": "q1", "text": "se omi"}\n{"id": "q2", "text": "ọjọ́ ọjà"}\n');
    folder.write('test.vi.jsonl', '{"id": "q1", "text": "đun nước"}\n{"id": "q2", "text": "ngày chợ"}\n');
  });

  it('is compared by the arms that need no data of it, and by no other', async () => {
    const file = folder.write('study.yaml', textOf(unseen));
    const run = ['study', 'run', file, '--out', at('unseen'), '--threads', '1', '--quiet'];
    expect(await refract(run)).toMatchObject({ code: 0, err: '' });
    const rows = readFileSync(at('unseen/scores.csv'), 'utf8').trim().split('\n').slice(1);
    const languages = new Map<string, Set<string>>();
    for (const row of rows) {
      const [arm, , , , , , test, language] = row.split(',');
      if (language === 'en') continue;
      const own = languages.get(arm) ?? new Set();
      languages.set(arm, own.add(`${test} ${language}`));
    }
    const all = ['desk sw', 'desk yo', 'desk ar', 'shelf vi'];
    const trained = ['desk sw', 'desk ar'];
    expect(Object.fromEntries([...languages].map(([arm, own]) => [arm, [...own]]))).toEqual({
      ...{ zero: all, optical: all, mse: all, switched: all, raw: all, both: all },
      ...{ shift: trained, packs: trained, dictionary: trained, hybrid: trained },
    });
    const report = readFileSync(at('unseen/report.md'), 'utf8');
    expect(report).toContain('RR@10 on desk in languages without training data');
    expect(report).toContain('RR@10 on shelf in languages without training data');
  }, 120_000);

  it('is part of no model', async () => {
    const cellsOf = async (change: (text: string) => string) => {
      const study = studySchema.parse(parseYaml(textOf(change)));
      const { cells } = studyMatrix(await StudyFiles.open(study, folder.path));
      return new Map(cells.map(({ name, kind, identity }) => [name, { kind, identity }]));
    };
    const sized = (text: string) => text.replace('{ folder: teacher }', '{ size: tiny }');
    const [before, after] = [await cellsOf(sized), await cellsOf((text) => unseen(sized(text)))];
    const models = [...before].filter(([, { kind }]) => ['teacher', 'student', 'shift'].includes(kind));
    expect(models.length).toBeGreaterThan(6);
    for (const [name, cell] of models) expect(after.get(name), name).toEqual(cell);
  });
});
