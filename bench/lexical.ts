/**
 * Lexical baselines on the kit's dev bitext: the target side of each pair is the query, the English side the one
 * relevant passage, among the English sides of every language's dev part. RR, mean over queries.
 *
 *     npx tsx bench/lexical.ts ../shared/kit sw so tl mr
 */
import { join } from 'node:path';
import { readBitext } from '../src/data/bitext.ts';
import { readLexicon } from '../src/data/lexicon.ts';
import { englishStem } from '../src/lexical/english-stem.ts';
import { Bm25Index } from '../src/lexical/index.ts';
import { learnTranslations } from '../src/lexical/psq.ts';
import { QueryDictionary, TRANSLATION_STRUCTURES, translateQuery } from '../src/lexical/query-translation.ts';
import { StructuredSearch } from '../src/lexical/structured.ts';
import type { LexicalHit } from '../src/lexical/top-k.ts';

const ALL = ['sw', 'so', 'tl', 'mr', 'fr', 'de', 'fi', 'es', 'ru', 'hi', 'tr', 'ar', 'vi'];
const DEPTH = 1000;

const [kit, ...asked] = process.argv.slice(2);
const bitext = async (language: string, part: string) =>
  (
    await readBitext(join(kit, `train/bitext/en-${language}.${part}.tsv`), {
      language,
      columns: ['3', '4', '1'],
    })
  ).pairs;

const dev = new Map<string, Awaited<ReturnType<typeof bitext>>>();
const ids = new Map<string, string>();
for (const language of ALL) {
  dev.set(language, await bitext(language, 'dev'));
  for (const { pivot } of dev.get(language)!) ids.set(pivot, `${ids.size}`);
}
const passages = Array.from(ids, ([text]) => ({ id: text, text }));

for (const stem of [undefined, englishStem]) {
  const index = await Bm25Index.create(passages, { stem });
  const search = new StructuredSearch(index);
  for (const language of asked) {
    const pairs = dev.get(language)!;
    const entries = await readLexicon(join(kit, `train/dict/en-${language}.tsv`), language);
    const dictionary = new QueryDictionary(entries, language);
    const train = await bitext(language, 'train');
    const rr = (find: (text: string) => LexicalHit[], side: 'pivot' | 'target' = 'target') => {
      let sum = 0;
      for (const pair of pairs) {
        const at = find(pair[side]).findIndex(({ ordinal }) => index.ids[ordinal] === pair.pivot);
        if (at >= 0) sum += 1 / (at + 1);
      }
      return (sum / pairs.length).toFixed(3);
    };
    const row: Record<string, string> = {
      oracle: rr((text) => index.search(text, DEPTH), 'pivot'),
      raw: rr((text) => index.search(text, DEPTH)),
    };
    for (const structure of TRANSLATION_STRUCTURES)
      row[structure] = rr((text) =>
        search.search(translateQuery(dictionary, index, text, structure).terms, DEPTH, 'any'),
      );
    for (const [name, data, directions] of [
      ['psq of the dictionary', entries, 'both'],
      ['psq of the bitext', train, 'both'],
      ['psq of both, forward', [...train, ...entries], 'forward'],
      ['psq of both', [...train, ...entries], 'both'],
    ] as const) {
      const probabilities = await learnTranslations(data, language, index, { directions });
      row[name] = rr((text) => search.search(probabilities.query(text, index).terms, DEPTH, 'expected'));
    }
    const figures = Object.entries(row).map(([name, value]) => `${name} ${value}`);
    process.stdout.write(
      `${language}${stem ? ' stemmed' : ''} (${pairs.length} queries, ${index.size} passages): ${figures.join(', ')}\n`,
    );
  }
}
