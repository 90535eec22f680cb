/**
 * Shapes whose sizes may be named. A dimension is a number, or a product of named sizes with an optional
 * integer factor, written canonically: `'B'`, `'B*L'`, `'4*B'`. Equal text means equal size.
 */
import { RefractError } from '../errors.ts';

/** One size: a number, or a canonical product of names such as `'B*L'`. */
export type Dim = number | string;

/** The sizes of a tensor, outermost first. */
export type Shape = readonly Dim[];

/** Values for named sizes. */
export type Sizes = Readonly<Record<string, number>>;

interface Product {
  factor: number;
  names: string[];
}

function parse(dim: Dim): Product {
  if (typeof dim === 'number') return { factor: dim, names: [] };
  let factor = 1;
  const names: string[] = [];
  for (const part of dim.split('*')) {
    if (/^\d+$/.test(part)) factor *= Number(part);
    else names.push(part);
  }
  return { factor, names: names.sort() };
}

function print({ factor, names }: Product): Dim {
  if (names.length === 0 || factor === 0) return factor;
  return (factor === 1 ? names : [String(factor), ...names]).join('*');
}

/** The product of sizes. `product(['B', 'L', 4])` is `'4*B*L'`. */
export function product(dims: Shape): Dim {
  const parts = dims.map(parse);
  return print({
    factor: parts.reduce((total, part) => total * part.factor, 1),
    names: parts.flatMap((part) => part.names).sort(),
  });
}

/** `whole / part` where it is exact, otherwise undefined. `quotient('4*B*L', 'B')` is `'4*L'`. */
export function quotient(whole: Dim, part: Dim): Dim | undefined {
  const a = parse(whole);
  const b = parse(part);
  const names = [...a.names];
  for (const name of b.names) {
    const at = names.indexOf(name);
    if (at < 0) return undefined;
    names.splice(at, 1);
  }
  return b.factor !== 0 && a.factor % b.factor === 0
    ? print({ factor: a.factor / b.factor, names })
    : undefined;
}

/** The names that occur in a size. */
export function namesIn(dim: Dim): string[] {
  return parse(dim).names;
}

/** The integer factor of a size: 4 of `'4*B'`. */
export function factorOf(dim: Dim): number {
  return parse(dim).factor;
}

/** Replaces the names that `sizes` knows by numbers. */
export function bind(dim: Dim, sizes: Sizes): Dim {
  if (typeof dim === 'number') return dim;
  return product(dim.split('*').map((part) => (/^\d+$/.test(part) ? Number(part) : (sizes[part] ?? part))));
}

/** A shape as people read it: `[B, 32, 4*L]`. */
export function showShape(shape: Shape): string {
  return `[${shape.join(', ')}]`;
}

/** A `GRAPH_SHAPE` error for operator `op` that prints every shape involved. */
export function shapeError(op: string, shapes: readonly Shape[], problem: string): RefractError {
  return new RefractError('GRAPH_SHAPE', `${op}(${shapes.map(showShape).join(', ')}): ${problem}`, {
    hint: 'Check the tensors given to this operator; named sizes agree only when their names are equal.',
  });
}

/** The shape of an elementwise result, by NumPy's broadcasting; `op` names the operator in errors. */
export function broadcast(op: string, a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const x = a[a.length - rank + i] ?? 1;
    const y = b[b.length - rank + i] ?? 1;
    if (x === y || y === 1) return x;
    if (x === 1) return y;
    throw shapeError(op, [a, b], `sizes ${x} and ${y} do not broadcast`);
  });
}

/** True where two shapes are the same, size by size. */
export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((dim, i) => dim === b[i]);
}

/** A non-negative axis below `rank`; negative axes count from the end. */
export function axisOf(op: string, axis: number, shape: Shape): number {
  const resolved = axis < 0 ? axis + shape.length : axis;
  if (!Number.isInteger(resolved) || resolved < 0 || resolved >= shape.length) {
    throw shapeError(op, [shape], `axis ${axis} is out of range`);
  }
  return resolved;
}
