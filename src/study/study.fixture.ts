/** The smallest study: two languages, a tiny teacher, a test set, every kind of arm that needs no more. */
import { join } from 'node:path';
import type { TemporaryFolder } from '../../test/temporary.ts';
import { jsonLines, PASSAGES, writeTinyRetriever } from '../../test/tiny-retriever.ts';

const train = 'train: { steps: 2, warmupSteps: 1 }';
/** The study file. */
export const STUDY = `
train: { passages: passages.jsonl, queries: questions.jsonl, judgments: train.qrels }
languages:
  sw: { low: true, bitext: [en-sw.tsv], dictionary: [dict-sw.tsv] }
  ar: { bitext: [en-ar.tsv], dictionary: [dict-ar.tsv] }
tests:
  desk:
    passages: passages.jsonl
    judgments: test.qrels
    queries: { en: test.en.jsonl, sw: test.sw.jsonl, ar: test.ar.jsonl }
teacher: { folder: teacher }
seeds: [1]
rho: [0, 1]
designs: [matched]
measures: [RR@10]
arms:
  zero-shot: { kind: zero-shot }
  oracle: { kind: english-oracle }
  shift: { kind: mean-shift, sentences: 4 }
  optical: { kind: optical, settings: { maxTokens: 16, batch: { pairs: 2, switched: 1, anchors: 1 }, ${train} } }
  switched: { kind: code-switched, settings: { batch: { queries: 2 }, ${train} } }
  both: { kind: code-switched, from: optical, settings: { batch: { queries: 2 }, ${train} } }
  psq: { kind: lexical, translate: psq }
  dictionary: { kind: lexical, translate: dictionary }
`;

/** Writes the data of {@link STUDY}, and what further test sets of the tests need. */
export async function writeStudyData(folder: TemporaryFolder): Promise<void> {
  await writeTinyRetriever(join(folder.path, 'teacher'));
  folder.write('passages.jsonl', jsonLines(PASSAGES));
  folder.write(
    'questions.jsonl',
    jsonLines([
      { id: 't1', text: 'when does the market open' },
      { id: 't2', text: 'how long must water boil' },
      { id: 't3', text: 'when does the bus leave the station' },
    ]),
  );
  folder.write('train.qrels', 't1 0 p3 1\nt2 0 p2 1\nt3 0 p4 1\n');
  folder.write('test.qrels', 'q1 0 p2 1\nq2 0 p3 1\n');
  const questions = (one: string, two: string) =>
    jsonLines([
      { id: 'q1', text: one, answers: ['one minute'] },
      { id: 'q2', text: two, answers: ['on Tuesday', 'Saturday'] },
    ]);
  folder.write('test.en.jsonl', questions('boil the water', 'market days'));
  folder.write('test.sw.jsonl', questions('chemsha maji', 'siku za soko'));
  folder.write('test.ar.jsonl', questions('اغلِ الماء', 'أيام السوق'));
  folder.write(
    'en-sw.tsv',
    'boil the water\tchemsha maji\nthe market opens\tsoko linafunguliwa\nclean water\tmaji safi\n',
  );
  folder.write('en-ar.tsv', 'boil the water\tاغلِ الماء\nthe market\tالسوق\nclean water\tالماء النظيف\n');
  folder.write('dict-sw.tsv', 'water\tmaji\nmarket\tsoko\nboil\tchemsha\nbus\tbasi\n');
  folder.write('dict-ar.tsv', 'water\tالماء\nmarket\tالسوق\nboil\tاغلِ\nbus\tالحافلة\n');
  // Passages in each language: those of the judgments and one other.
  const passages = (bus: string, water: string, market: string) =>
    jsonLines([
      { id: 'p4', text: bus },
      { id: 'p2', text: water },
      { id: 'p3', text: market },
    ]);
  folder.write('corpus.en.jsonl', passages('the bus leaves at six', 'boil the water', 'the market opens'));
  folder.write('corpus.sw.jsonl', passages('basi huondoka saa sita', 'chemsha maji', 'soko linafunguliwa'));
  folder.write('corpus.ar.jsonl', passages('تغادر الحافلة', 'اغلِ الماء', 'يفتح السوق'));
}
