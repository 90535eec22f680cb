/**
 * Answers from a reader. In every window the span i <= j of the passage with the best s_i + e_j is taken, and
 * compared with no answer, s_0 + e_0 at [CLS]; the difference makes windows and passages comparable. Over several
 * passages a retrieval score may be added with a weight (as Yang et al. 2019 interpolate, up to a factor):
 *
 *     score(i, j, p) = s_i + e_j - (s_0 + e_0) + w retrieval(p).
 */
import { GraphSession, type Value, type WeightFeeds, withWeightsOf } from '../graph/index.ts';
import type { TokenOffsets } from '../text/token-offsets.ts';
import type { Checkpoint } from './checkpoint.ts';
import type { EncoderConfig } from './config.ts';
import type { EncoderOptions } from './encoder.ts';
import { readerInputs, readerTensors, spanLogits } from './reader.ts';
import { padWindows, ReaderInput, type ReaderWindow } from './reader-input.ts';
import type { FloatTensor } from './safetensors.ts';
import type { ReaderSettings } from './settings.ts';
import { tokenizerOf } from './tokenizer-files.ts';

/** A question with the passages to look for the answer in. */
export interface ReadQuestion {
  readonly question: string;
  /** `score` is that of retrieval, 0 when absent. */
  readonly passages: readonly { readonly text: string; readonly score?: number }[];
}

/** An answer: `passages[passage].text.slice(start, end)`. */
export interface ReadAnswer {
  readonly text: string;
  /** Ordinal among the question's passages. */
  readonly passage: number;
  readonly start: number;
  readonly end: number;
  /** By the equation above; above 0 the reader holds it for likelier than no answer. */
  readonly score: number;
}

/** A reader on disk: `checkpoint` with its settings and its head. */
export interface ReaderCheckpoint extends Checkpoint {
  readonly settings: ReaderSettings;
  readonly heads: ReadonlyMap<string, FloatTensor>;
}

/** Tokens of one batch, padding included, and questions that are read together. */
const TOKENS_PER_BATCH = 4096;
const QUESTIONS_AT_ONCE = 64;

/**
 * The best span from..to of at most `longest` tokens: positions first <= last and s_first + e_last; of equal ones
 * the earliest, then the shortest.
 *
 * @example bestSpan([0, 3, 1], [2, 0, 4], 0, 3, 2) // { first: 1, last: 2, score: 7 } where lengths up to 2 are allowed
 */
export function bestSpan(
  start: ArrayLike<number>,
  end: ArrayLike<number>,
  from: number,
  to: number,
  longest: number,
): { first: number; last: number; score: number } {
  let best = { first: from, last: from, score: -Infinity };
  for (let first = from; first < to; first++)
    for (let last = first; last < Math.min(to, first + longest); last++) {
      const score = start[first] + end[last];
      if (score > best.score) best = { first, last, score };
    }
  return best;
}

interface Job {
  readonly question: number;
  readonly passage: number;
  readonly context: TokenOffsets;
  readonly window: ReaderWindow;
}

/** A reader, compiled. */
export class SpanReader {
  readonly maker: ReaderInput;
  private readonly session: GraphSession;
  private readonly config: EncoderConfig;
  private readonly weights: Readonly<Record<string, Value>>;

  private constructor(
    session: GraphSession,
    config: EncoderConfig,
    maker: ReaderInput,
    weights: Readonly<Record<string, Value>>,
  ) {
    this.session = session;
    this.config = config;
    this.maker = maker;
    this.weights = weights;
  }

  /** Compiles a reader from its parts. `tensors` holds the encoder's tensors and the head's. */
  static async create(
    config: EncoderConfig,
    tensors: ReadonlyMap<string, FloatTensor>,
    maker: ReaderInput,
    { device, threads, live }: EncoderOptions = {},
  ): Promise<SpanReader> {
    const parameters = readerInputs(config);
    const values = new Map([...parameters.keys()].map((name) => [name, tensors.get(name)!]));
    const { start, end } = spanLogits(config, parameters, readerTensors());
    const initialisers = live ? undefined : values;
    const session = await GraphSession.create({ start, end }, { device, threads, initialisers });
    return new SpanReader(session, config, maker, live ? Object.fromEntries(values) : {});
  }

  /** The reader that was read from disk (`readReader`), or that has words of a pack (`withWordsOf`). */
  static fromCheckpoint(reader: ReaderCheckpoint, options: EncoderOptions = {}): Promise<SpanReader> {
    const { settings, readings } = reader;
    const maker = new ReaderInput(tokenizerOf(reader), settings.reading, readings);
    return SpanReader.create(reader.config, new Map([...reader.tensors, ...reader.heads]), maker, options);
  }

  /**
   * The best answer to each question, undefined where its passages have no words. Of equal scores the first passage's
   * and the earliest span's is taken.
   *
   * @param onQuestions hears how many are done, and stops the work by throwing
   */
  answers(
    questions: readonly ReadQuestion[],
    options: { readonly retrievalWeight?: number; readonly onQuestions?: (done: number) => void } = {},
  ): Promise<(ReadAnswer | undefined)[]> {
    return withWeightsOf(this.session, this.weights, async (weights) => {
      const results: (ReadAnswer | undefined)[] = [];
      for (let begin = 0; begin < questions.length; begin += QUESTIONS_AT_ONCE) {
        const some = questions.slice(begin, begin + QUESTIONS_AT_ONCE);
        results.push(...(await this.read(weights, some, options.retrievalWeight ?? 0)));
        options.onQuestions?.(results.length);
      }
      return results;
    });
  }

  private async read(
    weights: WeightFeeds,
    questions: readonly ReadQuestion[],
    weight: number,
  ): Promise<(ReadAnswer | undefined)[]> {
    const jobs = this.jobs(questions);
    const best = new Array<ReadAnswer | undefined>(questions.length).fill(undefined);
    for (let done = 0; done < jobs.length; ) {
      let next = done + 1;
      while (next < jobs.length && (next + 1 - done) * jobs[next].window.ids.length <= TOKENS_PER_BATCH)
        next++;
      const batch = jobs.slice(done, next);
      const spans = await this.spans(
        weights,
        batch.map(({ window }) => window),
      );
      batch.forEach(({ question, passage, context }, n) => {
        const { first, last, score } = spans[n];
        const { text, score: retrieval = 0 } = questions[question].passages[passage];
        const answer = answerAt(text, context.starts[first], context.ends[last]);
        const found = { ...answer, passage, score: score + weight * retrieval };
        if (isBetter(found, best[question])) best[question] = found;
      });
      done = next;
    }
    return best;
  }

  /** Windows of all passages, by length. */
  private jobs(questions: readonly ReadQuestion[]): Job[] {
    const contexts = new Map<string, TokenOffsets>();
    const jobs = questions.flatMap(({ question: asked, passages }, question) => {
      const ids = this.maker.question(asked);
      return passages.flatMap(({ text }, passage) => {
        const context = contexts.get(text) ?? this.maker.passage(text);
        contexts.set(text, context);
        return this.maker.windows(ids, context).map((window) => ({ question, passage, context, window }));
      });
    });
    return jobs.sort((a, b) => a.window.ids.length - b.window.ids.length);
  }

  /** The best span of each window, as tokens of its passage, and how much better it is than no answer. */
  private async spans(weights: WeightFeeds, windows: readonly ReaderWindow[]) {
    const batch = padWindows(windows, this.maker.padId, this.config);
    const { start, end } = await this.session.run({ ...weights, ...batch });
    const length = batch.ids.shape[1];
    return windows.map(({ context, count, first: offset }, n) => {
      const [s, e] = [start, end].map(({ data }) => data.subarray(n * length, (n + 1) * length));
      const { first, last, score } = bestSpan(
        s,
        e,
        context,
        context + count,
        this.maker.settings.answerTokens,
      );
      return {
        first: first - context + offset,
        last: last - context + offset,
        score: score - (s[0] + e[0]),
      };
    });
  }

  close(): Promise<void> {
    return this.session.close();
  }
}

/** The range without white space around it. */
function answerAt(text: string, start: number, end: number) {
  const found = text.slice(start, end);
  const from = start + found.length - found.trimStart().length;
  const trimmed = found.trim();
  return { text: trimmed, start: from, end: from + trimmed.length };
}

function isBetter(a: ReadAnswer, b: ReadAnswer | undefined): boolean {
  if (b === undefined) return true;
  return (b.score - a.score || a.passage - b.passage || a.start - b.start || a.end - b.end) < 0;
}
