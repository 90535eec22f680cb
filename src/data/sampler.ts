/**
 * Mixes sources and languages: an endless, seeded stream of indices into a list of pairs, in which a small
 * group can be drawn more often than its size says. Its state fits a checkpoint, for a bit-exact resume.
 */
import { RefractError } from '../errors.ts';
import { RandomStream } from '../random.ts';
import type { SentencePair } from './records.ts';

/** How groups are formed and weighed. */
export interface MixOptions {
  /** Group g of n_g pairs is drawn with probability n_g^t / sum of n^t: 1 natural, 0 uniform. Default 1. */
  readonly temperature?: number;
  /** What makes a group; default `both`, a source within a language. */
  readonly by?: 'source' | 'language' | 'both';
}

/** A group of pairs that are drawn from together. */
export interface MixGroup {
  /** `language/source`, or the one that groups are made by. */
  readonly name: string;
  readonly size: number;
  readonly probability: number;
}

/** The state of a mixer, as plain JSON. */
export interface MixerState {
  readonly stream: readonly number[];
  /** Per group: name, size, the stream's state before its order was last drawn, and how much of it is used. */
  readonly groups: readonly {
    readonly name: string;
    readonly size: number;
    readonly shuffledFrom: readonly number[] | null;
    readonly used: number;
  }[];
}

/** Draws indices without end; see `mixSources`. */
export interface SourceMixer extends Iterable<number> {
  readonly groups: readonly MixGroup[];
  /** The next index. */
  draw(): number;
  /** The next `count` indices. */
  take(count: number): number[];
  save(): MixerState;
  /** Continues from a saved state; `RESUME_MISMATCH` when the groups are others. */
  load(state: MixerState): void;
}

interface Deck {
  readonly name: string;
  readonly members: readonly number[];
  order: number[];
  used: number;
  shuffledFrom: number[] | null;
}

/**
 * A mixer over `pairs`. Each draw picks a group with the probability above, then the next pair of that
 * group's shuffled order; a used-up group is shuffled anew, so within it every pair comes once per epoch.
 *
 * @param stream used by this mixer alone: `load` sets its state.
 * Errors: `BITEXT_EMPTY` (no pairs), `SETTING_INVALID` (temperature not finite).
 *
 * @example const mixer = mixSources(pairs, new RandomStream(1, 'pairs'), { temperature: 0.5 })
 * const batch = mixer.take(32).map((i) => pairs[i])
 */
export function mixSources(
  pairs: readonly Pick<SentencePair, 'language' | 'source'>[],
  stream: RandomStream,
  options: MixOptions = {},
): SourceMixer {
  const { temperature = 1, by = 'both' } = options;
  if (!Number.isFinite(temperature))
    throw new RefractError('SETTING_INVALID', `temperature is ${temperature}`, {
      hint: 'Give a number: 1 draws as the data stand, 0 draws every group equally often.',
    });
  if (pairs.length === 0)
    throw new RefractError('BITEXT_EMPTY', 'there is no pair to draw from', { hint: 'Give some pairs.' });
  const decks = group(pairs, by);
  const weights = decks.map(({ members }) => members.length ** temperature);
  const total = weights.reduce((sum, weight) => sum + weight, 0);

  const draw = (): number => {
    let at = stream.uniform() * total;
    let chosen = 0;
    while (chosen < decks.length - 1 && at >= weights[chosen]) at -= weights[chosen++];
    const deck = decks[chosen];
    if (deck.used === deck.order.length) {
      deck.shuffledFrom = stream.save();
      deck.order = stream.shuffle([...deck.members]);
      deck.used = 0;
    }
    return deck.order[deck.used++];
  };

  return {
    groups: decks.map(({ name, members }, i) => ({
      name,
      size: members.length,
      probability: weights[i] / total,
    })),
    draw,
    take: (count) => Array.from({ length: count }, draw),
    *[Symbol.iterator]() {
      for (;;) yield draw();
    },
    save: () => ({
      stream: stream.save(),
      groups: decks.map(({ name, members, shuffledFrom, used }) => ({
        name,
        size: members.length,
        shuffledFrom,
        used,
      })),
    }),
    load(state) {
      checkGroups(state, decks);
      state.groups.forEach(({ shuffledFrom, used }, i) => {
        const deck = decks[i];
        deck.order = shuffledFrom === null ? [] : reshuffle(deck.members, shuffledFrom);
        deck.shuffledFrom = shuffledFrom === null ? null : [...shuffledFrom];
        deck.used = used;
      });
      stream.load(state.stream);
    },
  };
}

/** Groups in the order of their first pair, so that the mix does not depend on names. */
function group(
  pairs: readonly Pick<SentencePair, 'language' | 'source'>[],
  by: 'source' | 'language' | 'both',
): Deck[] {
  const members = new Map<string, number[]>();
  pairs.forEach(({ language, source = '' }, i) => {
    const name = by === 'language' ? language : by === 'source' ? source : `${language}/${source}`;
    const indices = members.get(name);
    if (indices === undefined) members.set(name, [i]);
    else indices.push(i);
  });
  return [...members].map(([name, indices]) => ({
    name,
    members: indices,
    order: [],
    used: 0,
    shuffledFrom: null,
  }));
}

function reshuffle(members: readonly number[], state: readonly number[]): number[] {
  const stream = new RandomStream(0, 'reshuffle');
  stream.load(state);
  return stream.shuffle([...members]);
}

function checkGroups(state: MixerState, decks: readonly Deck[]): void {
  const saved = state.groups.map(({ name, size }) => `${name} ${size}`).join(', ');
  const present = decks.map(({ name, members }) => `${name} ${members.length}`).join(', ');
  if (saved === present) return;
  throw new RefractError('RESUME_MISMATCH', `the pairs were "${saved}" and are now "${present}"`, {
    hint: 'Resume with the same bitext and settings, or start a new run.',
  });
}
