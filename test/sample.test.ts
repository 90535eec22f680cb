/**
 * Checks of the embedded sample's own files: counts, ids, judgments, and that no question that is
 * measured on was trained on, in any of its languages.
 *
 * The files are read here without the project's readers, so that a fault in a reader cannot hide one
 * in the data.
 */

import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

interface Row {
  readonly id: string;
  readonly title?: string;
  readonly text: string;
}

const folder = new URL('../sample/', import.meta.url);
const languages = ['en', 'sw', 'so'] as const;

function lines(name: string): string[] {
  return readFileSync(new URL(name, folder), 'utf8').replace(/\n$/, '').split('\n');
}

function rows(name: string): Row[] {
  return lines(name).map((line) => JSON.parse(line) as Row);
}

function judgments(name: string): { query: string; passage: string }[] {
  return lines(name).map((line) => {
    const fields = line.split(' ');
    expect(fields.slice(1, 2).concat(fields.slice(3)), `${name}: ${line}`).toEqual(['0', '1']);
    return { query: fields[0]!, passage: fields[2]! };
  });
}

/** Letters and digits only, lower case: two texts that differ by punctuation alone count as the same. */
function folded(text: string): string {
  return text
    .normalize('NFC')
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}]+/gu, ' ')
    .trim();
}

function wordCount(text: string): number {
  return text.split(/\s+/u).length;
}

const passages = rows('passages.jsonl');
const sets = [
  { name: 'train', languages: ['en'], least: 960 },
  { name: 'dev', languages, least: 60 },
  { name: 'test', languages, least: 140 },
] as const;

describe('sample passages', () => {
  it('are at least 240, with their own ids, titles and texts', () => {
    expect(passages.length).toBeGreaterThanOrEqual(240);
    for (const field of ['id', 'title', 'text'] as const) {
      expect(new Set(passages.map((passage) => passage[field])).size).toBe(passages.length);
    }
  });

  it('are 25 to 60 words long', () => {
    const outside = passages.filter(({ text }) => wordCount(text) < 25 || wordCount(text) > 60);
    expect(outside.map(({ id }) => id)).toEqual([]);
  });
});

describe.each(sets)('sample $name questions', ({ name, languages: written, least }) => {
  const english = rows(`${name}.queries.en.jsonl`);
  const judged = judgments(`${name}.qrels.txt`);

  it('are enough, with their own ids', () => {
    expect(english.length).toBeGreaterThanOrEqual(least);
    expect(new Set(english.map(({ id }) => id)).size).toBe(english.length);
  });

  it.each([...written])('have the same ids and differing, trimmed texts in %s', (language) => {
    const translated = rows(`${name}.queries.${language}.jsonl`);
    expect(translated.map(({ id }) => id)).toEqual(english.map(({ id }) => id));
    expect(new Set(translated.map(({ text }) => folded(text))).size).toBe(translated.length);
    for (const { text } of translated) {
      expect(text).toBe(text.normalize('NFC').trim());
      expect(wordCount(text)).toBeGreaterThan(1);
    }
  });

  it('are all judged, once a passage, on passages that exist', () => {
    const known = new Set(passages.map(({ id }) => id));
    expect(judged.filter(({ passage }) => !known.has(passage))).toEqual([]);
    expect(new Set(judged.map(({ query }) => query))).toEqual(new Set(english.map(({ id }) => id)));
    expect(new Set(judged.map(({ query, passage }) => `${query} ${passage}`)).size).toBe(judged.length);
  });
});

describe('sample separation', () => {
  it('trains on every passage', () => {
    const trained = new Set(judgments('train.qrels.txt').map(({ passage }) => passage));
    expect(passages.filter(({ id }) => !trained.has(id))).toEqual([]);
  });

  it('shares no question between train, dev and test, nor with the bitext', () => {
    const owner = new Map<string, string>();
    for (const row of rows('train.queries.en.jsonl')) owner.set(folded(row.text), `train ${row.id}`);
    for (const language of ['sw', 'so']) {
      const name = `bitext.en-${language}.tsv`;
      if (!existsSync(new URL(name, folder))) continue;
      for (const line of lines(name)) for (const cell of line.split('\t')) owner.set(folded(cell), name);
    }
    const shared: string[] = [];
    for (const name of ['dev', 'test']) {
      for (const language of languages) {
        for (const { id, text } of rows(`${name}.queries.${language}.jsonl`)) {
          const other = owner.get(folded(text));
          if (other !== undefined) shared.push(`${name} ${language} ${id} = ${other}`);
          owner.set(folded(text), `${name} ${language} ${id}`);
        }
      }
    }
    expect(shared).toEqual([]);
  });
});
