/**
 * The smallest real collection, teacher and pack: sixteen short passages in several scripts, a tokenizer learnt
 * from them, and starting weights, whose token vectors match equal words before any training.
 */
import type { Passage } from '../src/data/records.ts';
import { type RetrieverCheckpoint, writeCheckpoint } from '../src/model/checkpoint.ts';
import { configOfSize } from '../src/model/config.ts';
import { modelFingerprint } from '../src/model/fingerprint.ts';
import { type RetrieverSettings, retrievalSettings, SETTINGS_VERSION } from '../src/model/settings.ts';
import { trainTokenizer } from '../src/text/train-bpe.ts';
import { initialWeights } from '../src/train/initialise.ts';

/** Passages of an information desk. */
export const PASSAGES: readonly Passage[] = [
  {
    id: 'p1',
    title: 'Malaria',
    text: 'Sleep under a net. Fever after mosquito bites needs a test at the clinic.',
  },
  {
    id: 'p2',
    title: 'Clean water',
    text: 'Boil water for one minute, or filter it, before small children drink.',
  },
  {
    id: 'p3',
    title: 'Market days',
    text: 'The market opens on Tuesday and Saturday; traders pay for a stall.',
  },
  {
    id: 'p4',
    title: 'Bus to the coast',
    text: 'The bus leaves the station at six and reaches the coast at noon.',
  },
  {
    id: 'p5',
    title: 'School fees',
    text: 'Fees are paid each term; orphans may ask the office to waive them.',
  },
  { id: 'p6', title: 'Maize', text: 'Plant maize with the first rain and weed it twice before it flowers.' },
  {
    id: 'p7',
    title: 'Identity card',
    text: 'Bring a birth certificate and two photographs to the registry.',
  },
  { id: 'p8', title: 'Storm warning', text: 'Fishing boats should stay in harbour when the red flag flies.' },
  { id: 'p9', text: 'Maji safi ni muhimu; chemsha maji kabla ya kunywa.' },
  { id: 'p10', text: 'Suuqa waxaa la furaa Talaadada iyo Sabtida.' },
  { id: 'p11', text: 'पानी को एक मिनट तक उबालें और फिर पिएँ।' },
  { id: 'p12', text: 'اغلِ الماء دقيقة واحدة قبل أن يشرب الأطفال.' },
  { id: 'p13', text: 'ต้มน้ำหนึ่งนาทีก่อนดื่ม' },
  { id: 'p14', text: 'Ẹ sè omi fún ìṣẹ́jú kan kí ẹ tó mu ún.' },
  { id: 'p15', title: 'ماء water', text: 'The word ماء means water, and سوق means market.' },
  { id: 'p16', text: '喝水之前请把水煮沸一分钟。' },
];

/** Passages as JSON lines. */
export function jsonLines(records: readonly object[]): string {
  return records.map((record) => `${JSON.stringify(record)}\n`).join('');
}

/** What a tiny retriever may differ in. */
export interface TinyRetriever {
  /** Seed of the weights. */
  readonly seed?: number;
  /** Fingerprint of its teacher: makes it a pack. */
  readonly teacher?: string;
  /** Texts that the tokenizer learns from; default the passages. */
  readonly texts?: readonly string[];
  /** Languages that it says it reads; default English and Swahili. */
  readonly languages?: readonly string[];
}

/** Writes a checkpoint of about 300 KB to `folder`; equal arguments give equal fingerprints. */
export async function writeTinyRetriever(
  folder: string,
  {
    seed = 1,
    teacher,
    texts = PASSAGES.map(({ text }) => text),
    languages = ['en', 'sw'],
  }: TinyRetriever = {},
): Promise<{ checkpoint: RetrieverCheckpoint; fingerprint: string }> {
  const dim = 16;
  const tokenizerJson = await trainTokenizer(texts, { vocabSize: 420 });
  const config = configOfSize('tiny', {
    vocabSize: 420,
    hiddenSize: 64,
    intermediateSize: 64,
    numHiddenLayers: 1,
    maxPositionEmbeddings: 128,
  });
  const common = {
    version: SETTINGS_VERSION,
    createdWith: 'refract 0.0.0',
    languages: [...languages],
    training: {},
    retrieval: retrievalSettings({ dim, queryMaxTokens: 64, passageMaxTokens: 128 }),
  };
  const settings: RetrieverSettings =
    teacher === undefined
      ? { ...common, kind: 'teacher' }
      : { ...common, kind: 'pack', teacher, readings: false };
  const checkpoint: RetrieverCheckpoint = {
    config,
    settings,
    tensors: initialWeights(config, seed, dim),
    tokenizerJson: { ...tokenizerJson },
  };
  await writeCheckpoint(folder, checkpoint);
  return { checkpoint, fingerprint: modelFingerprint(checkpoint) };
}
