/**
 * What indexing a collection will take, from indexing a few hundred of its passages without compression, and from the
 * parts of compression by themselves, which grow in ways of their own.
 */
import { join } from 'node:path';
import { writePiecesAtomic } from '../data/atomic.ts';
import { streamPassages } from '../data/passages.ts';
import { type Passage, passageText } from '../data/records.ts';
import type { IndexPrecision } from '../index/manifest.ts';
import { indexStats } from '../index/stats.ts';
import { bitsOf, precisionFor, stagingPrecision, vectorBytes } from '../index/storages.ts';
import { readCheckpoint } from '../model/checkpoint.ts';
import { RandomStream } from '../random.ts';
import { type IndexPassagesOptions, indexPassages } from '../search/index-passages.ts';
import { loadTokenizer } from '../text/tokenizer.ts';
import { planCompression } from './compression-time.ts';
import { sampled, truncatedTexts } from './truncation.ts';
import { atFullSize, folderBytes, inProbeFolder, type ProbeRun, timed, type WorkPlan } from './work-plan.ts';

/** Passages of the small and of the large run; the large one fills a chunk, so that its memory is that of any. */
const FEW = 128;
const MANY = 640;
/** Passages that are drawn from the collection while it is read. */
const DRAWN = 1000;

/** The plan of an index, with the number of its passages. */
export interface IndexPlan extends WorkPlan {
  readonly passages: number;
  /** How its vectors will be stored. */
  readonly precision: IndexPrecision;
}

/** A probe; its bytes are those beside vectors and codec, whose size is known. */
interface IndexProbe extends ProbeRun {
  /** Tokens of a passage. */
  readonly tokens: number;
}

/**
 * Reads the collection once, drawing passages, and indexes two samples of them in a temporary folder.
 *
 * @throws RefractError what `indexPassages` throws
 * @example (await planIndex('teacher', 'passages.jsonl')).seconds // 840
 */
export async function planIndex(
  teacher: string,
  passages: string,
  options: Omit<IndexPassagesOptions, 'overwrite'> = {},
): Promise<IndexPlan> {
  const checkpoint = readCheckpoint(teacher);
  const { result, seconds: reading } = await timed(() => drawPassages(passages));
  const { drawn, count } = result;
  const { dim, passageMaxTokens } = checkpoint.settings.retrieval;
  const { precision: asked = 'auto', memoryBytes, threads, progress, signal } = options;
  return inProbeFolder(async (folder) => {
    const run = async (size: number): Promise<IndexProbe> => {
      const sample = sampled(drawn, size, 'index');
      const file = join(folder, `${size}.jsonl`);
      writePiecesAtomic(
        file,
        sample.map((passage) => `${JSON.stringify(passage)}\n`),
      );
      const out = join(folder, `index-${size}`);
      const { result, ...took } = await timed(() =>
        indexPassages(teacher, file, out, { ...options, precision: stagingPrecision(asked) }),
      );
      const { vectors = 0, codec = 0 } = indexStats(out).bytesByPart;
      const bytes = folderBytes(out) - vectors - codec;
      return { share: sample.length / count, ...took, bytes, tokens: result.manifest.tokens / sample.length };
    };
    const small = await run(FEW);
    const large = await run(MANY);
    const tokens = large.tokens * count;
    const precision = precisionFor(asked, tokens, dim);
    const bits = bitsOf(precision);
    // Passages are held a chunk at a time.
    const plan = atFullSize(small, large, undefined, { memory: false });
    const vectors = { tokens, dim, passageTokens: large.tokens };
    const compression =
      bits &&
      (await planCompression({ ...vectors, bits, memoryBytes, threads, folder }, { progress, signal }));
    const texts = drawn.map(passageText);
    const tokenizer = loadTokenizer(checkpoint.tokenizerJson);
    return {
      precision,
      // The samples' files were read in no time; the collection's is read twice.
      seconds: plan.seconds + reading + (compression?.seconds ?? 0),
      processor: plan.processor + (compression?.processor ?? 0),
      disk: plan.disk + vectorBytes(precision, tokens, dim),
      memory: plan.memory + (compression?.memory ?? 0),
      passages: count,
      truncated: [truncatedTexts('passages', texts, tokenizer, passageMaxTokens)],
    };
  });
}

/** A seeded sample of the passages of a file, each as likely as any other, and their number. */
async function drawPassages(path: string): Promise<{ drawn: Passage[]; count: number }> {
  const stream = new RandomStream(0, 'plan/index/draw');
  const drawn: Passage[] = [];
  let count = 0;
  for await (const passage of streamPassages(path)) {
    count++;
    if (drawn.length < DRAWN) drawn.push(passage);
    else {
      const place = stream.below(count);
      if (place < DRAWN) drawn[place] = passage;
    }
  }
  return { drawn, count };
}
