/** The lexical side: terms, BM25 and hard negatives mined with it. */
export { Bm25Index, type Bm25Options } from './bm25.ts';
export type { LexicalIndex, TermPostings } from './lexical-index.ts';
export { type MinedNegatives, type MineOptions, mineHardNegatives } from './mine.ts';
export { fold, words } from './terms.ts';
export type { LexicalHit } from './top-k.ts';
