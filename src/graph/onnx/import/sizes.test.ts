import { describe, expect, it } from 'vitest';
import { addSizes, compareSizes, divideSizes, extremeSize, multiplySizes } from './sizes.ts';

describe('arithmetic with named sizes', () => {
  it('adds, and writes equal sums alike', () => {
    expect(addSizes('L', 1)).toBe('(L+1)');
    expect(addSizes(1, 'L')).toBe('(L+1)');
    expect(addSizes('L', 'L')).toBe('2*L');
    expect(addSizes('B*L', 'B')).toBe(addSizes('B', 'B*L'));
    expect(addSizes('(L+1)', -1)).toBe('L');
    expect(addSizes('(B.L+3)', '(B.L-3)', -1)).toBe(6);
    expect(addSizes(addSizes('L', 2, -1)!, 'B')).toBe('(B+L-2)');
    expect(addSizes('L', 'L', -1)).toBe(0);
    expect(addSizes(0, 'L', -1)).toBe('(-L)');
  });

  it('says nothing of names it cannot read', () => {
    expect(addSizes('batch-size', 1)).toBeUndefined();
  });

  it('multiplies and divides', () => {
    expect(multiplySizes('L', '2*B')).toBe('2*B*L');
    expect(multiplySizes('L', -1)).toBe('(-L)');
    expect(multiplySizes(3, -2)).toBe(-6);
    expect(divideSizes('6*L', 3)).toBe('2*L');
    expect(divideSizes('L', 2)).toBeUndefined();
    expect(divideSizes(7, 2)).toBe(3);
    expect(divideSizes(7, 0)).toBeUndefined();
  });

  it('compares what holds for every size of 1 or more', () => {
    expect(compareSizes('L', 0)).toBe(1);
    expect(compareSizes(-1, 'L')).toBe(-1);
    expect(compareSizes('L', 'L')).toBe(0);
    expect(compareSizes('L', 1)).toBeUndefined();
    expect(compareSizes('L', 'B')).toBeUndefined();
    expect(compareSizes('(L+1)', 'L')).toBe(1);
    expect(compareSizes('(L-1)', 0)).toBeUndefined();
    expect(extremeSize('L', 1, 1)).toBe('L');
    expect(extremeSize('L', 1, -1)).toBe(1);
    expect(extremeSize('(L-1)', 1, 1)).toBeUndefined();
    expect(extremeSize(3, 5, -1)).toBe(3);
  });
});
