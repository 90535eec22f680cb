/** The tokenizers of encoder families and what Python's `tokenizers` made of texts, from `test/oracles/tokenizer_families.py`. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

const folder = fileURLToPath(new URL('./fixtures/families/', import.meta.url));
const kit = fileURLToPath(new URL('../../shared/kit/', import.meta.url));

/** Records of each file of the kit that are compared, and all of them. */
const PER_FILE = 170;
const SENTENCES = 10_000;

/** Names of the families. */
export const FAMILIES = readdirSync(folder)
  .flatMap((name) => (name.endsWith('.golden.json.gz') ? [name.slice(0, -'.golden.json.gz'.length)] : []))
  .sort();

/** The content of `test/fixtures/families/NAME.gz`. */
export function unpacked(name: string): Buffer {
  return gunzipSync(readFileSync(join(folder, `${name}.gz`)));
}

/** The parsed JSON of `test/fixtures/families/NAME.json.gz`. */
export function golden<T>(name: string): T {
  return JSON.parse(unpacked(`${name}.json`).toString('utf8'));
}

/** Ids, starts and ends of a text's tokens. */
export type Row = readonly [ids: number[], starts: number[], ends: number[]];

/** A text or two in the template. */
export interface Framed {
  readonly ids: number[];
  readonly types: number[];
  readonly special: number[];
  readonly starts: number[];
  readonly ends: number[];
}

/** What is known of a family. */
export interface GoldenFamily {
  readonly texts: readonly Row[];
  readonly decoded: readonly string[];
  readonly cuts: readonly { max_length: number; strategy?: string; direction?: string }[];
  readonly pairs: readonly {
    readonly texts: readonly [string, string | null];
    readonly whole: Framed;
    readonly cut: readonly (Framed | null)[];
  }[];
}

/** The sentences of the kit that are compared; undefined where the kit is not beside the checkout. */
export function kitSentences(): string[] | undefined {
  if (!existsSync(kit)) return undefined;
  const lines = (path: string) => readFileSync(path, 'utf8').split('\n').slice(0, PER_FILE).filter(Boolean);
  const sets = join(kit, 'test');
  const collections = readdirSync(sets, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.jsonl'))
    .map((entry) => `${basename(entry.parentPath)}/${entry.name}`)
    .sort();
  const bitext = join(kit, 'train', 'bitext');
  const pairs = readdirSync(bitext)
    .filter((name) => name.endsWith('.dev.tsv'))
    .sort();
  return [
    ...collections.flatMap((path) => lines(join(sets, path)).map((line): string => JSON.parse(line).text)),
    ...pairs.flatMap((name) => lines(join(bitext, name)).map((line) => line.split('\t')[3])),
  ].slice(0, SENTENCES);
}
