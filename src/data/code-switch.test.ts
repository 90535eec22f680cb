import { describe, expect, it } from 'vitest';
import { RandomStream } from '../random.ts';
import { switchWords } from './code-switch.ts';

const stream = () => new RandomStream(1, 'switch');
const table = new Map([
  ['water', ['maji']],
  ['clean water', ['maji safi']],
  ['goat', ['mbuzi', 'शेळी']],
  ['पाणी', ['water']],
]);

describe('switchWords', () => {
  it('replaces known words, the longest phrase first, and keeps all between them', () => {
    expect(switchWords('Is it clean water, or "water"?', table, 1, stream())).toBe(
      'Is it maji safi, or "maji"?',
    );
  });

  it('carries a capital over where the script has one', () => {
    expect(switchWords('Water is life', table, 1, stream())).toBe('Maji is life');
    expect(['Mbuzi', 'शेळी']).toContain(switchWords('Goat', table, 1, stream()));
  });

  it('finds words with combining marks and in scripts without capitals', () => {
    expect(switchWords('मला पाणी हवे', table, 1, stream())).toBe('मला water हवे');
  });

  it('does nothing at probability 0 and replaces about half at .5', () => {
    const text = Array.from({ length: 2000 }, () => 'water').join(' ');
    expect(switchWords(text, table, 0, stream())).toBe(text);
    const share =
      switchWords(text, table, 0.5, stream())
        .split(' ')
        .filter((w) => w === 'maji').length / 2000;
    expect(share).toBeGreaterThan(0.46);
    expect(share).toBeLessThan(0.54);
  });

  it('draws translations evenly and the same for the same seed', () => {
    const text = Array.from({ length: 1000 }, () => 'goat').join(' ');
    const once = switchWords(text, table, 1, stream());
    expect(once).toBe(switchWords(text, table, 1, stream()));
    const share = once.split(' ').filter((w) => w === 'mbuzi').length / 1000;
    expect(Math.abs(share - 0.5)).toBeLessThan(0.06);
  });
});
