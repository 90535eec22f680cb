/** The lexical side: terms, BM25 and hard negatives mined with it. */
export { Bm25Index, type Bm25Options, type TermPostings } from './bm25.ts';
export { type MinedNegatives, type MineOptions, mineHardNegatives } from './mine.ts';
export { fold, words } from './terms.ts';
export type { LexicalHit } from './top-k.ts';
