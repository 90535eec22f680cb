/**
 * Merges dictionaries of one language: entries that differ in nothing but the case of letters become one, which
 * keeps the names of all its sources and how many rows it stands for.
 */
import { COUNT_HEADING } from './lexicon.ts';
import type { LexiconEntry } from './records.ts';

/** One dictionary of several. */
export interface NamedLexicon {
  /** The source of entries that carry none. */
  readonly name: string;
  readonly entries: Iterable<LexiconEntry>;
}

/** An entry with all its sources, in the order in which they came. */
export interface MergedEntry extends LexiconEntry {
  readonly sources: readonly string[];
  readonly count: number;
}

interface Growing {
  readonly entry: LexiconEntry;
  readonly sources: Set<string>;
  count: number;
}

/**
 * The entries by headword; of one headword those of most sources first, then those of most rows, then in the
 * order in which they came: the first is the best translation. The spelling that came first is kept.
 *
 * @example
 * const pair = { pivot: 'water', target: 'maji', language: 'sw' };
 * mergeLexicons([{ name: 'a', entries: [pair] }, { name: 'b', entries: [pair] }])
 * // [{ ...pair, source: 'a,b', sources: ['a', 'b'], count: 2 }]
 */
export function mergeLexicons(lexicons: readonly NamedLexicon[]): MergedEntry[] {
  const headwords = new Map<string, Map<string, Growing>>();
  for (const { name, entries } of lexicons) {
    for (const entry of entries) {
      const pivot = entry.pivot.toLowerCase();
      let targets = headwords.get(pivot);
      if (targets === undefined) {
        targets = new Map();
        headwords.set(pivot, targets);
      }
      const target = entry.target.toLocaleLowerCase(entry.language);
      let growing = targets.get(target);
      if (growing === undefined) {
        growing = { entry, sources: new Set(), count: 0 };
        targets.set(target, growing);
      }
      for (const source of (entry.source ?? name).split(',')) growing.sources.add(source.trim());
      growing.count += entry.count ?? 1;
    }
  }
  const merged: MergedEntry[] = [];
  for (const pivot of [...headwords.keys()].sort()) {
    const targets = [...(headwords.get(pivot)?.values() ?? [])];
    targets.sort((a, b) => b.sources.size - a.sources.size || b.count - a.count);
    for (const { entry, sources, count } of targets) {
      const { pivot: spelling, target, language } = entry;
      merged.push({
        pivot: spelling,
        target,
        language,
        source: [...sources].join(','),
        sources: [...sources],
        count,
      });
    }
  }
  return merged;
}

/**
 * A merged dictionary as TSV: a header, then pivot, target, sources, count. `readLexicon` reads it back.
 *
 * @example writePiecesAtomic('en-sw.tsv', formatMerged(merged, 'sw'))
 */
export function* formatMerged(entries: Iterable<MergedEntry>, language: string): Generator<string> {
  yield `en\t${language}\tsources\t${COUNT_HEADING}\n`;
  for (const { pivot, target, sources, count } of entries)
    yield `${pivot}\t${target}\t${sources.join(',')}\t${count}\n`;
}
