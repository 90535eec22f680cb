/**
 * The readers at full size: the experiment kit's questions, put back into the layout they were published in, and
 * counted against the published sizes. Skipped where the kit is absent.
 */
import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../test/temporary.ts';
import { readJsonLines } from '../json-lines.ts';
import { readJudgments } from '../judgments.ts';
import { readPassages } from '../passages.ts';
import { readQueries } from '../queries.ts';
import { findDataSet } from './catalogue.ts';
import { checkDataSet } from './check.ts';

const kit = fileURLToPath(new URL('../../../../shared/kit', import.meta.url));
const absent = !existsSync(kit);
if (absent) console.warn('src/data/sets/kit.test.ts: skipped, there is no ../shared/kit beside the checkout');
const folder = temporaryFolder();
/** About 6 s of computing; other work may share the machine. */
const PATIENCE = 300_000;

/** A document in SQuAD's layout; a passage is repeated for each file of queries. */
async function squadFile(
  passagesFile: string,
  queriesFiles: string[],
  qrelsFiles: string[],
): Promise<string> {
  const passages = new Map((await readPassages(passagesFile)).map((passage) => [passage.id, passage]));
  const gold = new Map<string, string>();
  for (const file of qrelsFiles)
    for (const { query, passage } of await readJudgments(file)) gold.set(query, passage);
  const data: unknown[] = [];
  for (const file of queriesFiles) {
    const paragraphs = new Map<string, { context: string; qas: unknown[] }>();
    for (const { id, text, answers = [] } of await readQueries(file)) {
      const passage = passages.get(gold.get(id) ?? '');
      if (passage === undefined) continue;
      const paragraph = paragraphs.get(passage.id) ?? { context: passage.text, qas: [] };
      paragraphs.set(passage.id, paragraph);
      const spans = answers.filter((answer) => passage.text.includes(answer));
      paragraph.qas.push({
        id,
        question: text,
        answers: spans.map((answer) => ({
          text: answer,
          answer_start: [...passage.text.slice(0, passage.text.indexOf(answer))].length,
        })),
      });
    }
    for (const [id, paragraph] of paragraphs)
      data.push({ title: passages.get(id)?.title, paragraphs: [paragraph] });
  }
  return JSON.stringify({ data, version: '1.1' });
}

describe.skipIf(absent)('the kit', { timeout: PATIENCE }, () => {
  it('SQuAD train: 18,891 passages once, 87,599 questions as published, answers in their places', async () => {
    const from = `${kit}/train/teacher`;
    const parts = ['train', 'dev'];
    folder.write(
      'squad/train-v1.1.json',
      await squadFile(
        `${from}/passages.jsonl`,
        parts.map((part) => `${from}/queries.${part}.jsonl`),
        parts.map((part) => `${from}/qrels.${part}.txt`),
      ),
    );
    const report = await checkDataSet('squad', `${folder.path}/squad`);
    const counts = Object.fromEntries(report.parts.map(({ part, records }) => [part, records]));
    expect(counts).toMatchObject({
      'passages.train-v1.1': 18_891,
      'queries.train-v1.1': findDataSet('squad').published['queries.train-v1.1'],
      'examples.train-v1.1': 87_599,
    });
    expect(report.parts.flatMap(({ notes }) => notes)).toEqual([]);
  });

  it('MLQA dev: English passages once over all question languages; no more questions than published', async () => {
    const from = `${kit}/test/ood-mlqa`;
    const { published } = findDataSet('mlqa');
    const questions = new Map<string, number>();
    for (const name of readdirSync(from)) {
      const language = /^queries\.(\w+)\.jsonl$/.exec(name)?.[1];
      if (language === undefined) continue;
      const text = await squadFile(`${from}/corpus.en.jsonl`, [`${from}/${name}`], [`${from}/qrels.txt`]);
      folder.write(`mlqa/dev-context-en-question-${language}.json`, text);
      questions.set(language, (await readQueries(`${from}/${name}`)).length);
    }
    const { parts } = await checkDataSet('mlqa', `${folder.path}/mlqa`);
    const records = new Map(parts.map((part) => [part.part, part.records]));
    // The corpus also has the passages of the kit's private questions.
    expect(records.get('passages.dev.en')).toBeLessThanOrEqual(978);
    expect(records.get('passages.dev.en')).toBeGreaterThan(300);
    for (const [language, count] of questions) {
      expect(records.get(`queries.dev.en.${language}`)).toBe(count);
      expect(count).toBeLessThanOrEqual(published[`queries.dev.${language}.${language}`]);
    }
  });

  it('XQuAD, AfriQA, Belebele: the kit holds no more than was published', async () => {
    const xquad = await readQueries(`${kit}/test/indomain-xquad/queries.hi.jsonl`);
    expect(xquad.length).toBeLessThanOrEqual(findDataSet('xquad').published['queries.hi']);
    // XQuAD's questions are from SQuAD's development set, all of whose 2,067 passages are the kit's corpus.
    expect(await readPassages(`${kit}/test/indomain-xquad/corpus.en.jsonl`)).toHaveLength(2067);
    const afriqa = await readQueries(`${kit}/test/ood-afriqa/queries.swa.jsonl`);
    expect(afriqa.every(({ id }) => /^swa-(train|dev|test)-\d+$/.test(id))).toBe(true);
    const { published } = findDataSet('belebele');
    expect((await readPassages(`${kit}/test/ood-belebele/corpus.sw.jsonl`)).length).toBeLessThanOrEqual(
      published.passages,
    );
  });

  it('Belebele: questions with choices, put back into the published rows', async () => {
    const from = `${kit}/test/ood-belebele`;
    const passages = new Map(
      (await readPassages(`${from}/corpus.en.jsonl`)).map(({ id, text }) => [id, text]),
    );
    const gold = new Map(
      (await readJudgments(`${from}/qrels.txt`)).map(({ query, passage }) => [query, passage]),
    );
    const rows: string[] = [];
    for await (const { fields } of readJsonLines(`${from}/queries.en.jsonl`)) {
      const { id, text, choices, correct } = fields as {
        id: string;
        text: string;
        choices: string[];
        correct: number;
      };
      const passage = gold.get(id) ?? '';
      rows.push(
        JSON.stringify({
          link: passage,
          question_number: Number(id.split('-')[1]) + 1,
          flores_passage: passages.get(passage),
          question: text,
          ...Object.fromEntries(choices.map((choice, i) => [`mc_answer${i + 1}`, choice])),
          correct_answer_num: String(correct + 1),
          dialect: 'eng_Latn',
          ds: '2023-05-03',
        }),
      );
    }
    folder.write('belebele/eng_Latn.jsonl', rows.join('\n'));
    const { parts } = await checkDataSet('belebele', `${folder.path}/belebele`);
    expect(parts.map(({ records }) => records)).toEqual([82, 155, 155, 155]);
  });
});
