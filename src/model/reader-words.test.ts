/** A reader with a pack's words: equal where the words are the teacher's, by readings where the pack has them. */
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { refusal, temporaryFolder } from '../../test/temporary.ts';
import { PASSAGES, writeTinyRetriever } from '../../test/tiny-retriever.ts';
import { loadTokenizer } from '../text/tokenizer.ts';
import { type RetrieverCheckpoint, writeCheckpoint } from './checkpoint.ts';
import { WORD_TABLE } from './families/index.ts';
import { readingDefaults, readReader } from './reader-checkpoint.ts';
import { ReaderInput } from './reader-input.ts';
import { withWordsOf } from './reader-words.ts';
import { makeReadings, type Readings, withSecondRows } from './readings.ts';
import type { PackSettings } from './settings.ts';
import { type ReaderCheckpoint, SpanReader } from './span-reader.ts';

const folder = temporaryFolder();
const temporary = (name: string) => join(folder.path, name);
let teacher: RetrieverCheckpoint;
let reader: ReaderCheckpoint;
let pack: RetrieverCheckpoint;
/** Every token of Swahili and Arabic words has a second row; the words of English are never read by it. */
let readings: Readings;

beforeAll(async () => {
  const made = await writeTinyRetriever(temporary('teacher'));
  teacher = made.checkpoint;
  const { config, tensors, tokenizerJson, settings } = teacher;
  const { retrieval, ...common } = settings;
  // A head whose logits differ between tokens: taken from rows of the word table.
  const width = config.hiddenSize;
  const head = tensors.get(WORD_TABLE)!.data.slice(9 * width, 11 * width);
  reader = {
    config,
    tensors,
    tokenizerJson,
    heads: new Map([
      ['qa_outputs.weight', { dtype: 'F32', shape: [2, width], data: head }],
      ['qa_outputs.bias', { dtype: 'F32', shape: [2], data: new Float32Array(2) }],
    ]),
    settings: {
      ...common,
      kind: 'reader',
      languages: ['en'],
      reading: readingDefaults(config),
      teacher: made.fingerprint,
      readings: false,
    },
  };
  const tokenizer = loadTokenizer(tokenizerJson);
  const counts = (texts: readonly string[]) => {
    const count = new Float64Array(tokenizer.vocabSize);
    for (const text of texts) for (const token of tokenizer.encode(text)) count[token]++;
    return count;
  };
  const target = counts(['maji safi chemsha maji kabla ya kunywa', 'اغلِ الماء دقيقة واحدة']);
  const english = counts(PASSAGES.slice(0, 8).map(({ text }) => text));
  readings = makeReadings({ target, foreign: target, pivot: english });
  const packSettings: PackSettings = {
    ...common,
    retrieval,
    kind: 'pack',
    languages: ['sw', 'ar'],
    teacher: made.fingerprint,
    readings: true,
  };
  const table = withSecondRows(tensors.get(WORD_TABLE)!, readings);
  pack = {
    ...teacher,
    config: { ...config, vocabSize: table.shape[0] },
    tensors: new Map([...tensors, [WORD_TABLE, table]]),
    settings: packSettings,
    readings,
  };
});

/** Passages as questions and as what is read for them. */
async function answers(model: ReaderCheckpoint) {
  const spans = await SpanReader.fromCheckpoint(model, { threads: 1 });
  const passages = PASSAGES.map(({ text }) => ({ text }));
  const found = await spans.answers(
    ['chemsha maji', 'اغلِ الماء', 'boil the water'].map((question) => ({ question, passages })),
  );
  await spans.close();
  return found;
}

describe('withWordsOf', () => {
  it('changes no answer where the words are the teacher’s, also in second rows', async () => {
    const own = await answers(reader);
    expect(own.every((answer) => answer !== undefined && answer.text !== '')).toBe(true);
    expect(await answers(withWordsOf(reader, pack, 'pack'))).toEqual(own);
    const plain: RetrieverCheckpoint = {
      ...teacher,
      settings: { ...(pack.settings as PackSettings), readings: false },
    };
    expect(await answers(withWordsOf(reader, plain, 'pack'))).toEqual(own);
  });

  it('reads words of the pack’s languages by their second vectors, and English as before', async () => {
    const width = reader.config.hiddenSize;
    const first = teacher.tensors.get(WORD_TABLE)!.data;
    const moved = withSecondRows(teacher.tensors.get(WORD_TABLE)!, readings);
    // Second vectors are those of other tokens.
    moved.data.subarray(first.length).set(first.subarray(0, moved.data.length - first.length));
    const changed = withWordsOf(
      reader,
      { ...pack, tensors: new Map([...pack.tensors, [WORD_TABLE, moved]]) },
      'pack',
    );
    expect(changed.tensors.get(WORD_TABLE)!.shape).toEqual([changed.config.vocabSize, width]);
    const english = { question: 'boil the water', passages: [{ text: PASSAGES[1].text }] };
    const swahili = { question: 'chemsha maji', passages: [{ text: PASSAGES[1].text }] };
    const scores = async (model: ReaderCheckpoint) => {
      const spans = await SpanReader.fromCheckpoint(model, { threads: 1 });
      const found = await spans.answers([english, swahili]);
      await spans.close();
      return found.map((answer) => answer!.score);
    };
    const [before, after] = [await scores(reader), await scores(changed)];
    expect(after[0]).toBe(before[0]);
    expect(after[1]).not.toBe(before[1]);
  });

  it('is written and read back', async () => {
    const made = withWordsOf(reader, pack, 'pack');
    await writeCheckpoint(temporary('swahili'), made);
    const back = readReader(temporary('swahili'));
    expect(back.settings).toMatchObject({ languages: ['en', 'sw', 'ar'], readings: true });
    expect(back.settings.teacher).toBeUndefined();
    expect(await answers(back)).toEqual(await answers(made));
  });

  it('refuses what does not belong together', async () => {
    const code = async (of: ReaderCheckpoint, with_: RetrieverCheckpoint) => {
      const error = await refusal(async () => withWordsOf(of, with_, 'packs/sw'));
      return [error.code, error.at];
    };
    const own = { ...reader, settings: { ...reader.settings, teacher: undefined } };
    expect(await code(own, pack)).toEqual(['TEACHER_MISMATCH', 'packs/sw']);
    expect(await code(reader, teacher)).toEqual(['TEACHER_MISMATCH', 'packs/sw']);
    const other = { ...pack, settings: { ...(pack.settings as PackSettings), teacher: 'f00d' } };
    expect(await code(reader, other)).toEqual(['TEACHER_MISMATCH', 'packs/sw']);
    const strange = { ...pack, tokenizerJson: { ...pack.tokenizerJson, version: '2.0' } };
    expect(await code(reader, strange)).toEqual(['TOKENIZER_MISMATCH', 'packs/sw']);
  });
});

it('question and passage are each read for themselves', () => {
  const maker = new ReaderInput(
    loadTokenizer(teacher.tokenizerJson),
    readingDefaults(reader.config),
    readings,
  );
  const plain = new ReaderInput(loadTokenizer(teacher.tokenizerJson), readingDefaults(reader.config));
  const [swahili, english] = ['chemsha maji kabla ya kunywa', 'the bus leaves the station'];
  const { vocabSize } = reader.config;
  expect([...maker.question(swahili)].every((row) => row >= vocabSize)).toBe(true);
  expect(maker.question(english)).toEqual(plain.question(english));
  expect(maker.passage(english)).toEqual(plain.passage(english));
  expect(maker.passage(swahili).starts).toEqual(plain.passage(swahili).starts);
  const [window] = maker.windows(maker.question(swahili), maker.passage(english));
  const [expected] = plain.windows(maker.question(swahili), plain.passage(english));
  expect(window).toEqual(expected);
});
