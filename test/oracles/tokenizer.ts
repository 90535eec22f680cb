/**
 * Trains the tokenizer of `test/fixtures/tokenizer` from its sentences. `tokenizer.py` runs this first.
 * Only the first 90 sentences are used, so that the others hold scripts the tokenizer has never seen.
 *
 * Run: npx tsx test/oracles/tokenizer.ts
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { trainTokenizer } from '../../src/text/train-bpe.ts';

const folder = new URL('../fixtures/tokenizer/', import.meta.url);
const sentences = readFileSync(new URL('sentences.txt', folder), 'utf8').split('\n').slice(0, 90);
const json = await trainTokenizer(sentences, { vocabSize: 800 });
writeFileSync(new URL('tokenizer.json', folder), `${JSON.stringify(json)}\n`);
