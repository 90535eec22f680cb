import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  axisOf,
  bind,
  broadcast,
  type Dim,
  factorOf,
  namesIn,
  product,
  quotient,
  sameShape,
  showShape,
} from './shape.ts';

const dims = fc.array(fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constantFrom('B', 'L', 'H')), {
  maxLength: 5,
});

describe('product', () => {
  it('is canonical: the factor first, then the names in order', () => {
    expect(product(['L', 4, 'B'])).toBe('4*B*L');
    expect(product(['2*L', 'B*L', 3])).toBe('6*B*L*L');
    expect(product([2, 3])).toBe(6);
    expect(product(['B', 1])).toBe('B');
    expect(product(['B', 0])).toBe(0);
    expect(product([])).toBe(1);
  });

  it('does not depend on the order or the grouping of its sizes', () => {
    fc.assert(
      fc.property(dims, dims, (a, b) => {
        expect(product([...b, ...a])).toBe(product([product(a), product(b)]));
      }),
    );
  });
});

describe('quotient', () => {
  it('is undefined where it is not a whole size', () => {
    expect(quotient('4*B*L', '2*B')).toBe('2*L');
    expect(quotient('B', 'B')).toBe(1);
    expect(quotient(12, 5)).toBeUndefined();
    expect(quotient('B', 'L')).toBeUndefined();
    expect(quotient(6, 'B')).toBeUndefined();
    expect(quotient(6, 0)).toBeUndefined();
  });

  it('undoes a product', () => {
    fc.assert(
      fc.property(dims, dims, (a, b) => {
        expect(quotient(product([...a, ...b]), product(b))).toBe(product(a));
      }),
    );
  });
});

describe('bind', () => {
  it('replaces the names it knows', () => {
    expect(bind('4*B*L', { B: 3 })).toBe('12*L');
    expect(bind('B*L', { B: 3, L: 5 })).toBe(15);
    expect(bind('B', {})).toBe('B');
    expect(bind(7, { B: 3 })).toBe(7);
  });

  it('gives the number that the sizes multiply to', () => {
    const sizes = { B: 2, L: 3, H: 5 };
    const value = (dim: Dim) => (typeof dim === 'number' ? dim : sizes[dim as keyof typeof sizes]);
    fc.assert(
      fc.property(dims, (each) => {
        expect(bind(product(each), sizes)).toBe(each.reduce<number>((total, dim) => total * value(dim), 1));
      }),
    );
  });
});

describe('broadcast', () => {
  it("follows NumPy's rules, by name too", () => {
    expect(broadcast('add', [2, 1, 3], [4, 1])).toEqual([2, 4, 3]);
    expect(broadcast('add', ['B', 1], ['L'])).toEqual(['B', 'L']);
    expect(broadcast('add', [], ['B', 2])).toEqual(['B', 2]);
  });

  it('refuses sizes that differ, printing both shapes', () => {
    expect(() => broadcast('add', ['B', 3], ['B', 4])).toThrow(/add\(\[B, 3\], \[B, 4\]\).*3 and 4/);
    expect(() => broadcast('add', ['B'], ['L'])).toThrow(/\[B\], \[L\]/);
    // A named size may be anything at run time: it does not stand for a number.
    expect(() => broadcast('add', ['B'], [3])).toThrow(/\[B\], \[3\]/);
  });
});

describe('the rest', () => {
  it('reads sizes and axes', () => {
    expect(namesIn('4*B*L')).toEqual(['B', 'L']);
    expect(factorOf('4*B*L')).toBe(4);
    expect(factorOf('B')).toBe(1);
    expect(showShape(['B', 32, '4*L'])).toBe('[B, 32, 4*L]');
    expect(sameShape(['B', 2], ['B', 2])).toBe(true);
    expect(sameShape(['B', 2], ['B'])).toBe(false);
    expect(axisOf('sum', -1, ['B', 2])).toBe(1);
    expect(() => axisOf('sum', 2, ['B', 2])).toThrow(/sum\(\[B, 2\]\).*axis 2/);
    expect(() => axisOf('sum', 0.5, ['B', 2])).toThrow(/axis 0.5/);
  });
});
