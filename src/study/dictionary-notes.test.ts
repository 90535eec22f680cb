/** What a study says of its dictionaries: before it runs, and among the warnings of the cells that use them. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { refract } from '../../test/command-line.ts';
import { temporaryFolder } from '../../test/temporary.ts';
import { jsonLines } from '../../test/tiny-retriever.ts';
import { STUDY, writeStudyData } from './study.fixture.ts';

const folder = temporaryFolder();

it('warns of dictionaries the wrong way round and with empty sides, and keeps it in the report', async () => {
  await writeStudyData(folder);
  const questions = Array.from({ length: 12 }, (_, i) => ({
    id: `t${i + 1}`,
    text: 'when does the bus leave the market',
  }));
  folder.write('questions.jsonl', jsonLines(questions));
  folder.write('dict-sw.tsv', 'maji\twater\nsoko\tmarket\nbasi\tbus\n');
  folder.write('dict-ar.tsv', 'water\tالماء\nmarket\t\nboil\tاغلِ\n');
  const head = STUDY.slice(0, STUDY.indexOf('arms:'));
  const arms = `arms:
  bm25: { kind: lexical, translate: dictionary }
  stemmed: { kind: lexical, translate: dictionary, stem: true }
  switched: { kind: code-switched, settings: { batch: { queries: 2 }, train: { steps: 2, warmupSteps: 1 } } }
`;
  const file = folder.write('study.yaml', head.replace('rho: [0, 1]', 'rho: [1]') + arms);
  const args = ['study', 'run', file, '--out', `${folder.path}/out`];
  const reversed =
    'dict-sw.tsv looks as if it went from Swahili to English: its first column has 0 % of the words of the English text, its second 29 %.';
  const empty = 'dict-ar.tsv: 2 entries; rows left out: 1 without a side (line 2)';
  const { code, err } = await refract(args);
  expect(code, err).toBe(0);
  expect(err).toContain(`Warning: ${reversed}`);
  expect(err).toContain(`Warning: ${empty}`);
  const report = readFileSync(`${folder.path}/out/report.md`, 'utf8');
  expect(report).toContain(`- runs-bm25-desk and 2 other cells: ${reversed}`);
  expect(report).toContain(`- runs-bm25-desk and 2 other cells: ${empty}`);
  // Beside what a student says of its quotas.
  const record = readFileSync(`${folder.path}/out/cells/student-switched-rho1-matched-1.cell.json`, 'utf8');
  expect(JSON.parse(record).result.warnings).toEqual([
    expect.stringContaining('quotas of the matched design'),
    expect.stringContaining(reversed),
    empty,
  ]);
  const planned = await refract(['study', 'plan', file, '--out', `${folder.path}/out`]);
  expect(planned.err).toContain(`Warning: ${reversed}`);
  expect((await refract([...args, '--quiet'])).err).toBe('');
}, 60_000);
