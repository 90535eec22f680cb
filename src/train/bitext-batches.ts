/** Batches of sentence pairs for the baselines that learn from bitext alone. */
import type { SentencePair } from '../data/records.ts';
import { mixSources, type SourceMixer } from '../data/sampler.ts';
import { type InputMaker, padInputs } from '../model/input.ts';
import { RandomStream } from '../random.ts';
import type { Batch, BatchSource } from './objective.ts';
import { passageFeeds } from './switched-batches.ts';
import type { TeacherVectors } from './teacher-vectors.ts';

/** How batches are made; see `bitext-settings.ts`. */
export interface BitextBatchSettings {
  readonly seed: number;
  readonly pairs: number;
  readonly temperature: number;
}

/** Turns the pairs of a batch into what an objective is fed. */
export type PairFeeds = (pairs: readonly SentencePair[]) => Promise<Batch['feeds']>;

/** Draws pairs of all languages and sources; saving and loading it continues exactly. */
export class BitextBatches implements BatchSource {
  private readonly pairs: readonly SentencePair[];
  private readonly mixer: SourceMixer;
  private readonly feeds: PairFeeds;
  private readonly size: number;

  constructor(
    pairs: readonly SentencePair[],
    feeds: PairFeeds,
    { seed, pairs: size, temperature }: BitextBatchSettings,
  ) {
    this.pairs = pairs;
    this.feeds = feeds;
    this.size = size;
    this.mixer = mixSources(pairs, new RandomStream(seed, 'bitext/pairs'), { temperature });
  }

  async next(): Promise<Batch> {
    return { feeds: await this.feeds(this.mixer.take(this.size).map((i) => this.pairs[i])) };
  }

  save(): unknown {
    return this.mixer.save();
  }

  load(state: unknown): void {
    this.mixer.load(state as Parameters<SourceMixer['load']>[0]);
  }
}

/** What `sentenceMseObjective` takes; `teacher` looks up queries' vectors. */
export function sentenceFeeds(maker: InputMaker, teacher: Pick<TeacherVectors, 'of'>): PairFeeds {
  const { dim, queryMaxTokens } = maker.settings;
  const side = (name: string, texts: readonly string[]) => {
    const inputs = texts.map((text) => maker.query(text));
    const { ids, mask } = padInputs(inputs, maker.padId, queryMaxTokens);
    return { [`${name}.ids`]: ids, [`${name}.mask`]: mask };
  };
  return async (pairs) => {
    const english = pairs.map(({ pivot }) => pivot);
    const means = new Float32Array(pairs.length * dim);
    (await teacher.of(english)).forEach(({ vectors, count }, n) => {
      vectors.forEach((value, i) => {
        means[n * dim + (i % dim)] += value / count;
      });
    });
    return {
      ...side(
        'target',
        pairs.map(({ target }) => target),
      ),
      ...side('english', english),
      'teacher.means': { data: means, shape: [pairs.length, dim] },
    };
  };
}

/**
 * What `frozenPassageObjective` takes, the English sentences being the passages; `teacher` looks up passages'
 * vectors. The same English sentence in another pair of the batch is no negative.
 */
export function contrastiveFeeds(maker: InputMaker, teacher: Pick<TeacherVectors, 'of'>): PairFeeds {
  const { dim, queryMaxTokens } = maker.settings;
  return async (pairs) => {
    const inputs = pairs.map(({ target }) => maker.query(target));
    const { ids, mask, scored } = padInputs(inputs, maker.padId, queryMaxTokens);
    const english = [...new Set(pairs.map(({ pivot }) => pivot))];
    const place = new Map(english.map((text, p) => [text, p]));
    return {
      'query.ids': ids,
      'query.mask': mask,
      'query.scored': scored,
      ...passageFeeds(await teacher.of(english), dim),
      target: { data: Int32Array.from(pairs, ({ pivot }) => place.get(pivot)!), shape: [pairs.length] },
      bias: { data: new Float32Array(pairs.length * english.length), shape: [pairs.length, english.length] },
    };
  };
}
