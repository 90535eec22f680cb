/** What a pipeline remembers of the texts that it has read. */
import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { Pipeline } from './pipeline.ts';

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

const json = JSON.parse(readFileSync('test/fixtures/tokenizer/tokenizer.json', 'utf8'));

/** Bytes of memory that are held after `count` texts more than before. */
function heldAfter(count: number, textOf: (i: number) => string): number {
  const pipeline = new Pipeline(json);
  pipeline.ids(textOf(0));
  collect();
  const before = process.memoryUsage().heapUsed;
  for (let i = 1; i <= count; i++) pipeline.ids(Buffer.from(textOf(i)).toString());
  collect();
  const held = process.memoryUsage().heapUsed - before;
  // It must not be collected before its memory is counted.
  expect(pipeline.ids('maji').length).toBeGreaterThan(0);
  return held;
}

it.each([
  ['words of texts, and not these', (i: number) => `${'maji '.repeat(4000)} mwanafunzi${i}wanafunzi`],
  ['no passages without spaces', (i: number) => `น้ำ${i}`.repeat(1500)],
])('remembers %s', (_, textOf) => {
  // 400 texts of some 20 KB.
  expect(heldAfter(400, textOf)).toBeLessThan(3e6);
});

it('gives the same ids from memory', () => {
  const pipeline = new Pipeline(json);
  const text = `Maji safi ${'น้ำ'.repeat(40)} ẹ̀kọ́ ماء`;
  const first = pipeline.ids(text);
  expect(pipeline.ids(text)).toEqual(first);
  expect(first).toEqual(pipeline.placed(text).ids);
});
