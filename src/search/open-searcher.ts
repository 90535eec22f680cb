/** One way into searching: with the teacher, with one language pack, or with several. */
import {
  type LanguageSearcher,
  type LanguageSearcherOptions,
  openLanguageSearcher,
} from './language-searcher.ts';
import { openSingleSearcher, type Searcher, type SearcherOptions } from './searcher.ts';

/**
 * Opens the index at `index` for searching. Without `pack` and `packs` its teacher encodes queries; with `pack` that
 * language pack encodes all of them; with `packs` each query is encoded by the pack of its language, and the answer
 * says by which.
 *
 * @throws RefractError `TEACHER_MISMATCH` (a pack for another teacher, an index of another one), `TOKENIZER_MISMATCH`,
 *   `FILE_MISSING`, and what `openIndex`, `readCheckpoint` and `readPackSet` throw
 * @example
 * const searcher = await openSearcher('index', { packs: ['packs/sw', 'packs/so'] });
 * const { language, hits } = await searcher.search('maji safi', 10);
 * for (const { rank, passage } of hits) console.log(language, rank, passage.text);
 * await searcher.close();
 */
export function openSearcher(index: string, options: LanguageSearcherOptions): Promise<LanguageSearcher>;
export function openSearcher(index: string, options?: SearcherOptions): Promise<Searcher>;
export function openSearcher(
  index: string,
  options: SearcherOptions | LanguageSearcherOptions = {},
): Promise<Searcher | LanguageSearcher> {
  return 'packs' in options ? openLanguageSearcher(index, options) : openSingleSearcher(index, options);
}
