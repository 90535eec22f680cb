/**
 * Arithmetic with named sizes, for the shape computations that ONNX files are full of. Products are as in
 * `shape.ts`; sums such as L + 1 are written canonically in parentheses, `'(L+1)'`, and count as one name. The
 * sizes of inputs are taken to be 1 or more.
 */
import { type Dim, product, quotient } from '../../shape.ts';

/** A sum of products: coefficients by the sorted names joined with `.`; '' is the constant. */
type Sum = Map<string, number>;

const NAME = /^[\p{L}_?][\p{L}\p{N}_? ]*$/u;

function parse(dim: Dim): Sum | undefined {
  if (typeof dim === 'number') return new Map([['', dim]]);
  let total: Sum = new Map([['', 1]]);
  for (const factor of dim.split('*')) {
    const each = parseFactor(factor);
    if (!each) return undefined;
    const next: Sum = new Map();
    for (const [a, x] of total) {
      for (const [b, y] of each) {
        const key = [...a.split('.'), ...b.split('.')]
          .filter((name) => name !== '')
          .sort()
          .join('.');
        next.set(key, (next.get(key) ?? 0) + x * y);
      }
    }
    total = next;
  }
  return total;
}

function parseFactor(factor: string): Sum | undefined {
  if (/^\d+$/.test(factor)) return new Map([['', Number(factor)]]);
  if (NAME.test(factor)) return new Map([[factor, 1]]);
  if (!factor.startsWith('(')) return undefined;
  const sum: Sum = new Map();
  for (const [, sign, term] of factor.slice(1, -1).matchAll(/([+-]?)([^+-]+)/g)) {
    const [first, ...rest] = term.split('.');
    const number = /^\d+$/.test(first);
    const names = number ? rest : [first, ...rest];
    if (!names.every((name) => NAME.test(name))) return undefined;
    sum.set(names.join('.'), (sign === '-' ? -1 : 1) * (number ? Number(first) : 1));
  }
  return sum;
}

function print(sum: Sum): Dim {
  const terms = [...sum]
    .filter(([, n]) => n !== 0)
    .sort(([a], [b]) => (a === '' ? 1 : b === '' ? -1 : a < b ? -1 : 1));
  if (terms.length === 0) return 0;
  const [[names, n]] = terms;
  if (terms.length === 1 && names === '') return n;
  if (terms.length === 1 && n > 0) return product([n, ...names.split('.')]);
  const text = terms.map(([key, k]) => {
    const size =
      Math.abs(k) === 1 && key !== '' ? key : [Math.abs(k), ...(key === '' ? [] : [key])].join('.');
    return `${k < 0 ? '-' : '+'}${size}`;
  });
  return `(${text.join('').replace(/^\+/, '')})`;
}

/** `a + times * b`, or undefined where it cannot be said. `addSizes('L', 1)` is `'(L+1)'`. */
export function addSizes(a: Dim, b: Dim, times = 1): Dim | undefined {
  if (typeof a === 'number' && typeof b === 'number') return a + times * b;
  const [x, y] = [parse(a), parse(b)];
  if (!x || !y) return undefined;
  for (const [key, n] of y) x.set(key, (x.get(key) ?? 0) + times * n);
  return print(x);
}

/** `a b`. */
export function multiplySizes(a: Dim, b: Dim): Dim | undefined {
  if (typeof a === 'number' && typeof b === 'number') return a * b;
  const negative = (dim: Dim) => typeof dim === 'number' && (dim < 0 || !Number.isInteger(dim));
  if (!negative(a) && !negative(b)) return product([a, b]);
  const whole = a === -1 ? b : b === -1 ? a : undefined;
  return whole === undefined ? undefined : addSizes(0, whole, -1);
}

/** `a / b` as whole numbers divide (towards zero), or undefined where it cannot be said. */
export function divideSizes(a: Dim, b: Dim): Dim | undefined {
  if (typeof a === 'number' && typeof b === 'number') return b === 0 ? undefined : Math.trunc(a / b);
  return quotient(a, b);
}

/** -1, 0 or 1 as a is less than, equal to or greater than b; undefined where it depends on the input. */
export function compareSizes(a: Dim, b: Dim): number | undefined {
  const difference = addSizes(a, b, -1);
  if (typeof difference === 'number') return Math.sign(difference);
  // A product of sizes is at least its factor, so that L > 0 and L > -1, but L may be 1.
  if (typeof a === 'string' && !a.includes('(') && typeof b === 'number') return b < 1 ? 1 : undefined;
  if (typeof b === 'string' && !b.includes('(') && typeof a === 'number') return a < 1 ? -1 : undefined;
  return undefined;
}

/** The larger (sign 1) or smaller (sign -1) of two sizes, where it can be said: `max(L, 1)` is L. */
export function extremeSize(a: Dim, b: Dim, sign: 1 | -1): Dim | undefined {
  if (a === 1 && typeof b === 'string' && !b.includes('(')) return sign === 1 ? b : 1;
  if (b === 1 && typeof a === 'string' && !a.includes('(')) return sign === 1 ? a : 1;
  const order = compareSizes(a, b);
  return order === undefined ? undefined : order * sign >= 0 ? a : b;
}
