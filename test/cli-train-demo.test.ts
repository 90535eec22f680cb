/** The demo on a sample of a few lines: what it leaves, what it reports, and that it can be run again. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readRun } from '../src/data/runs.ts';
import { DEMO_MEASURES, type DemoSettings, demoSettings, readSample, runDemo, SAMPLE } from '../src/demo.ts';
import { evaluate } from '../src/eval/evaluate.ts';
import { refract } from './command-line.ts';
import { refusal, temporaryFolder } from './temporary.ts';
import { jsonLines, PASSAGES } from './tiny-retriever.ts';

const folder = temporaryFolder();
const at = (name: string) => join(folder.path, name);

const english = PASSAGES.slice(0, 8);
const questions = english.map(({ id, text }) => ({ id: `q-${id}`, text: text.split(/[.,;]/)[0] }));
folder.write('sample/passages.jsonl', jsonLines(english));
for (const name of ['train', 'dev', 'test']) {
  for (const language of ['en', 'sw', 'so'])
    folder.write(`sample/${name}.queries.${language}.jsonl`, jsonLines(questions));
  folder.write(`sample/${name}.qrels.txt`, english.map(({ id }) => `q-${id} 0 ${id} 1\n`).join(''));
}
for (const language of ['sw', 'so'])
  folder.write(
    `sample/bitext.en-${language}.tsv`,
    'Boil the water.\tChemsha maji.\nThe market opens.\tSoko linafunguliwa.\nThe bus leaves.\tBasi linaondoka.\n',
  );

function fewSteps(): DemoSettings {
  const { teach, distill } = demoSettings();
  const train = { steps: 2, warmupSteps: 1, evaluateEvery: 2 };
  return {
    teach: {
      ...teach,
      tokenizer: { ...teach.tokenizer, vocabSize: 400 },
      retrieval: { ...teach.retrieval, dim: 16, passageMaxTokens: 40 },
      batch: { ...teach.batch, queries: 4 },
      train: { ...teach.train, ...train },
    },
    distill: {
      ...distill,
      batch: { ...distill.batch, pairs: 2, anchors: 2 },
      train: { ...distill.train, ...train },
    },
  };
}

const options = { sample: at('sample'), settings: fewSteps(), threads: 1 };

describe('runDemo', () => {
  it('leaves teacher, packs, index and runs, whose figures it reports; and can be run again', async () => {
    const told: string[] = [];
    const first = await runDemo(at('out'), { ...options, tell: (stage) => told.push(stage) });
    expect(readdirSync(at('out')).sort()).toEqual(['demo.json', 'index', 'packs', 'runs', 'teacher']);
    expect(told).toHaveLength(5);
    expect(first.figures.map(({ language, system }) => `${language} ${system}`)).toEqual(
      ['sw', 'so'].flatMap((code) =>
        ['zero-shot', 'OPTICAL', 'English oracle'].map((name) => `${code} ${name}`),
      ),
    );
    const { test } = await readSample(at('sample'));
    for (const { language, system, values } of first.figures) {
      const file = at(`out/runs/${system.replaceAll(' ', '-')}.${language}.run`);
      expect(Object.fromEntries(evaluate(test.judgments, await readRun(file), DEMO_MEASURES).means)).toEqual(
        values,
      );
    }
    expect(first.searches.map(({ question }) => question)).toEqual(
      [...questions.slice(0, 3), ...questions.slice(0, 3)].map(({ text }) => text),
    );
    expect(JSON.parse(readFileSync(at('out/demo.json'), 'utf8')).figures).toEqual(first.figures);

    writeFileSync(at('out/left-over'), 'of an earlier version');
    const second = await runDemo(at('out'), options);
    expect(second.figures).toEqual(first.figures);
    expect(existsSync(at('out/left-over'))).toBe(false);
  });

  it('refuses a folder that no demo made', async () => {
    folder.write('letters/dear.txt', 'mine');
    expect((await refusal(() => runDemo(at('letters'), options))).code).toBe('OUTPUT_EXISTS');
    expect(readFileSync(at('letters/dear.txt'), 'utf8')).toBe('mine');
  });
});

describe('refract demo', () => {
  it('stops when it is asked to, and says what happens next time', async () => {
    const stop = new AbortController();
    stop.abort();
    const { code, err } = await refract(['demo', '--out', at('halted'), '--threads', '1'], {
      signal: stop.signal,
    });
    expect(code).toBe(130);
    expect(err).toContain('starts anew');
  });

  it('has a sample that it can read', async () => {
    const { passages, train, test, bitext } = await readSample(SAMPLE);
    expect([passages.length, train.queries.length, test.queries.so.length]).toEqual([240, 960, 179]);
    expect(Math.min(bitext.sw.length, bitext.so.length)).toBeGreaterThan(1200);
  });
});
