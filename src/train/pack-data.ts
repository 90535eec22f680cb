/** What a pack was made from, as its `refract.json` keeps it for people: sources, counts, licences. */
import type { SentencePair } from '../data/records.ts';
import { licenceOfSource } from '../data/sets/licence.ts';

/** The data of a pack, and what is known of their licences. */
export interface PackData {
  readonly pairs: readonly SentencePair[];
  /** Dictionaries by language. */
  readonly dictionaries: ReadonlyMap<string, readonly SentencePair[]>;
  readonly anchors: readonly string[];
  /** The licence that the model is given under. */
  readonly licence?: string;
  /** Licences of sources by their names. */
  readonly licences?: ReadonlyMap<string, string>;
}

/** One source of sentence pairs or of dictionary entries. */
export interface SourceFacts {
  readonly language: string;
  /** As the bitext names it; absent where it does not. */
  readonly source?: string;
  /** Pairs or entries. */
  readonly count: number;
  /** Absent where it is not known. */
  readonly licence?: string;
}

/** What `training.data` of a pack's settings holds. */
export interface PackDataFacts {
  readonly licence?: string;
  readonly bitext: SourceFacts[];
  readonly dictionaries: SourceFacts[];
  /** Texts in the teacher's language that held the pack to the teacher. */
  readonly anchors: number;
}

/**
 * Counts a pack's data by language and source, most pairs first.
 *
 * @example describePackData({ pairs, dictionaries, anchors }).bitext // [{ language: 'sw', source: 'tatoeba', count: 4000 }]
 */
export function describePackData({
  pairs,
  dictionaries,
  anchors,
  licence,
  licences = new Map(),
}: PackData): PackDataFacts {
  const entries = [...dictionaries].flatMap(([language, list]) =>
    list.map((entry) => ({ ...entry, language })),
  );
  return {
    ...(licence !== undefined && { licence }),
    bitext: sourcesOf(pairs, licences),
    dictionaries: sourcesOf(entries, licences),
    anchors: anchors.length,
  };
}

function sourcesOf(records: readonly SentencePair[], licences: ReadonlyMap<string, string>): SourceFacts[] {
  const counts = new Map<string, { language: string; source?: string; count: number }>();
  for (const { language, source } of records) {
    const key = JSON.stringify([language, source]);
    const entry = counts.get(key) ?? { language, ...(source !== undefined && { source }), count: 0 };
    entry.count++;
    counts.set(key, entry);
  }
  const order = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
  return [...counts.values()]
    .sort(
      (a, b) => order(a.language, b.language) || b.count - a.count || order(a.source ?? '', b.source ?? ''),
    )
    .map((facts) => {
      const licence =
        facts.source === undefined
          ? undefined
          : (licences.get(facts.source) ?? licenceOfSource(facts.source));
      return { ...facts, ...(licence !== undefined && { licence }) };
    });
}
