/** Batches for a reader: windows over contexts, with the positions of the answer in each. */
import type { Example } from '../data/records.ts';
import { mixSources, type SourceMixer } from '../data/sampler.ts';
import type { EncoderConfig } from '../model/config.ts';
import { padWindows, type ReaderInput, type ReaderWindow, tokenSpan } from '../model/reader-input.ts';
import { RandomStream } from '../random.ts';
import type { TokenOffsets } from '../text/token-offsets.ts';
import type { Batch, BatchSource } from './objective.ts';

/** A window with the positions in it of the answer's first and last token; 0, that is [CLS], where it has none. */
export interface LabelledWindow {
  readonly window: ReaderWindow;
  readonly start: number;
  readonly end: number;
}

/** Where the first answer that is a span of the context stands; undefined when none is. */
export function answerRange({ context, answers, answerStarts = [] }: Example): [number, number] | undefined {
  for (const [i, answer] of answers.entries()) {
    const start = answerStarts[i] ?? -1;
    if (answer !== '' && start >= 0 && context.startsWith(answer, start))
      return [start, start + answer.length];
  }
  return undefined;
}

/**
 * The windows of an example. One that holds the whole answer is labelled with it, the others with [CLS], as is every
 * window of an example without answers. Undefined when answers are given, but none is a span of the context.
 */
export function labelledWindows(
  example: Example,
  maker: ReaderInput,
  context: TokenOffsets,
): LabelledWindow[] | undefined {
  const range = answerRange(example);
  const span = range && tokenSpan(context, ...range);
  if (span === undefined && example.answers.length > 0) return undefined;
  return maker.windows(maker.question(example.question), context).map((window) => {
    const at = (token: number) => token - window.first + window.context;
    const whole = span && span[0] >= window.first && span[1] < window.first + window.count;
    return { window, start: whole ? at(span[0]) : 0, end: whole ? at(span[1]) : 0 };
  });
}

/** A batch for `readObjective`. */
export function readBatch(windows: readonly LabelledWindow[], padId: number, config: EncoderConfig): Batch {
  const vector = (values: number[]) => ({ data: Int32Array.from(values), shape: [values.length] });
  const padded = padWindows(
    windows.map(({ window }) => window),
    padId,
    config,
  );
  const starts = vector(windows.map(({ start }) => start));
  const ends = vector(windows.map(({ end }) => end));
  return { feeds: { ...padded, starts, ends } };
}

/** Draws windows without end, each once an epoch; saving and loading it continues exactly. */
export class ReadBatches implements BatchSource {
  private readonly windows: readonly LabelledWindow[];
  private readonly size: number;
  private readonly padId: number;
  private readonly config: EncoderConfig;
  private readonly order: SourceMixer;

  /** @param size windows in a batch */
  constructor(
    windows: readonly LabelledWindow[],
    { size, seed, padId }: { readonly size: number; readonly seed: number; readonly padId: number },
    config: EncoderConfig,
  ) {
    this.windows = windows;
    this.size = size;
    this.padId = padId;
    this.config = config;
    this.order = mixSources(
      windows.map(() => ({ language: 'text' })),
      new RandomStream(seed, 'read/order'),
    );
  }

  next(): Batch {
    const drawn = this.order.take(this.size).map((i) => this.windows[i]);
    return readBatch(drawn, this.padId, this.config);
  }

  save(): unknown {
    return this.order.save();
  }

  load(state: unknown): void {
    this.order.load(state as Parameters<SourceMixer['load']>[0]);
  }
}
