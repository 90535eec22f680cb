/**
 * Texts tokenized a second, by families of tokenizers, here, in `@huggingface/tokenizers` and in Python's `tokenizers`
 * (Rust), in turns, each in one thread. Texts are sentences of the kit in many languages.
 *
 *     npx tsx bench/tokenize.ts --python PYTHON [--rounds 5] [--only roberta,gemma]
 *
 * PYTHON is an interpreter with tokenizers. "first" is a tokenizer that has seen no text, "again" the same texts a
 * second time, "places" ids with places. In Rust a tokenizer remembers pieces too: it is asked twice likewise. The
 * tokenizers are those of test/fixtures/families, and `refract`, the kind that is learnt here. A first turn of each
 * is not counted; the median of the others is. Seconds are the processor's, in all threads of a process.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { Tokenizer as LibraryTokenizer } from '@huggingface/tokenizers';
import { writeFileAtomic } from '../src/data/atomic.ts';
import { loadTokenizer } from '../src/text/tokenizer.ts';
import { FAMILIES, golden, kitSentences } from '../test/golden-tokenizers.ts';
import { System } from './turns.ts';

/** Texts a second. */
type Turn = Readonly<Record<'first' | 'again' | 'places', number | null>>;

const { values } = parseArgs({
  options: {
    python: { type: 'string' },
    rounds: { type: 'string', default: '5' },
    only: { type: 'string' },
    worker: { type: 'string' },
    family: { type: 'string' },
    texts: { type: 'string' },
  },
});

function jsonOf(family: string): { [key: string]: unknown } {
  if (family !== 'refract') return golden(family);
  const path = new URL('../test/fixtures/tokenizer/tokenizer.json', import.meta.url);
  return JSON.parse(readFileSync(path, 'utf8'));
}

/** Texts a second of the processor that `work` does. */
function rate(texts: readonly string[], work: (text: string) => unknown): number {
  const start = process.cpuUsage();
  for (const text of texts) work(text);
  const { user, system } = process.cpuUsage(start);
  return (texts.length * 1e6) / (user + system);
}

function turnHere(json: { [key: string]: unknown }, texts: readonly string[]): Turn {
  const tokenizer = loadTokenizer(json);
  const encode = (text: string) => tokenizer.encode(text);
  return {
    first: rate(texts, encode),
    again: rate(texts, encode),
    places: rate(texts, (text) => tokenizer.encodeWithOffsets(text)),
  };
}

function turnOfLibrary(json: { [key: string]: unknown }, texts: readonly string[]): Turn {
  const tokenizer = new LibraryTokenizer(json, {});
  const encode = (text: string) => tokenizer.encode(text, { add_special_tokens: false });
  return { first: rate(texts, encode), again: rate(texts, encode), places: null };
}

async function work(name: string, family: string, path: string): Promise<void> {
  const texts: string[] = JSON.parse(readFileSync(path, 'utf8'));
  const turn = name === 'here' ? turnHere : turnOfLibrary;
  console.log('loaded');
  for await (const _ of createInterface({ input: process.stdin }))
    console.log(JSON.stringify(turn(jsonOf(family), texts)));
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

async function measure(family: string, folder: string, rounds: number): Promise<void> {
  const texts = join(folder, 'texts.json');
  const file = join(folder, `${family}.json`);
  writeFileAtomic(file, JSON.stringify(jsonOf(family)));
  const own = (name: string) =>
    System.own<Turn>([import.meta.filename, '--worker', name, '--family', family, '--texts', texts]);
  const systems: [string, System<Turn>][] = [
    ['here', own('here')],
    ['JavaScript library', own('library')],
  ];
  if (values.python)
    systems.push([
      'Rust',
      new System(values.python, [join(import.meta.dirname, 'tokenize_rival.py'), file, texts]),
    ]);
  const turns = new Map<string, Turn[]>(systems.map(([name]) => [name, []]));
  for (const [, system] of systems) await system.loaded();
  for (let round = 0; round <= rounds; round++)
    for (const [name, system] of systems) {
      const turn = await system.turn();
      if (round > 0) turns.get(name)?.push(turn);
    }
  for (const [name, system] of systems) {
    const figures = (['first', 'again', 'places'] as const).map((part) => {
      const rates = (turns.get(name) ?? []).flatMap((turn) => turn[part] ?? []);
      return rates.length > 0 ? Math.round(median(rates)).toLocaleString('en') : '-';
    });
    console.log(`| ${family} | ${name} | ${figures.join(' | ')} |`);
    system.end();
  }
}

if (values.worker && values.family && values.texts) {
  await work(values.worker, values.family, values.texts);
} else {
  const sentences = kitSentences();
  if (sentences === undefined) throw new Error('the kit is not beside the checkout');
  const folder = mkdtempSync(join(tmpdir(), 'refract-tokenize-'));
  try {
    writeFileAtomic(join(folder, 'texts.json'), JSON.stringify(sentences.filter((_, i) => i % 5 === 0)));
    console.log(
      'Texts a second of the processor.\n\n| tokenizer | system | first | again | places |\n|---|---|---|---|---|',
    );
    for (const family of values.only?.split(',') ?? ['refract', ...FAMILIES])
      await measure(family, folder, Number(values.rounds));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
