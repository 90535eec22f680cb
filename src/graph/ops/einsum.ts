/** Einstein sums of one or two tensors, as transpositions, sums and one matrix product. */
import { product, type Shape, shapeError } from '../shape.ts';
import type { Tensor } from '../tensor.ts';
import { reduceSum } from './broadcast.ts';
import { reshape, transpose } from './layout.ts';
import { matmul } from './linear.ts';

/**
 * The sum that `equation` describes, such as `bhqd,bhkd->bhqk`. One letter an axis; no ellipsis, and no letter
 * twice in one tensor. Letters left out of the result are summed over.
 * @throws RefractError `GRAPH_SHAPE` for another form of equation, or sizes that differ
 * @example einsum('bqd,bkd->bqk', query, key)
 */
export function einsum(equation: string, ...tensors: readonly Tensor[]): Tensor {
  const [left, right] = equation.replaceAll(/\s/g, '').split('->');
  const terms = left.split(',').map((term) => [...term]);
  const fail = (problem: string) =>
    shapeError(
      `einsum ${equation}`,
      tensors.map((x) => x.shape),
      problem,
    );
  const letters = terms.flat();
  const result =
    right === undefined
      ? [...new Set(letters)].filter((c) => letters.indexOf(c) === letters.lastIndexOf(c)).sort()
      : [...right];
  const plain = [...terms, result].every(
    (term) => new Set(term).size === term.length && term.every((c) => /[a-z]/i.test(c)),
  );
  if (!plain) throw fail('an ellipsis, or a letter twice in one tensor, is not supported');
  if (terms.length !== tensors.length || terms.length > 2) throw fail('takes one or two tensors');
  if (terms.some((term, i) => term.length !== tensors[i].shape.length))
    throw fail('needs one letter an axis');
  const size = new Map<string, Shape[number]>();
  terms.forEach((term, i) => {
    term.forEach((c, axis) => {
      const dim = tensors[i].shape[axis];
      if ((size.get(c) ?? dim) !== dim) throw fail(`sizes ${size.get(c)} and ${dim} of ${c} differ`);
      size.set(c, dim);
    });
  });
  if (result.some((c) => !size.has(c))) throw fail('a letter of the result is in no tensor');
  const used = (term: string[], other: string[]) =>
    term.filter((c) => other.includes(c) || result.includes(c));
  const reduce = (i: number, other: string[]): { x: Tensor; term: string[] } => {
    const term = used(terms[i], other);
    const axes = terms[i].flatMap((c, axis) => (term.includes(c) ? [] : [axis]));
    return { x: reduceSum(tensors[i], axes), term };
  };
  if (terms.length === 1) {
    const { x, term } = reduce(0, []);
    return ordered(x, term, result);
  }
  const a = reduce(0, terms[1]);
  const b = reduce(1, a.term);
  const shared = a.term.filter((c) => b.term.includes(c));
  const batch = shared.filter((c) => result.includes(c));
  const inner = shared.filter((c) => !result.includes(c));
  const rows = a.term.filter((c) => !shared.includes(c));
  const columns = b.term.filter((c) => !shared.includes(c));
  const dims = (term: string[]) => term.map((c) => size.get(c)!);
  const first = reshape(ordered(a.x, a.term, [...batch, ...rows, ...inner]), [
    ...dims(batch),
    product(dims(rows)),
    product(dims(inner)),
  ]);
  const second = reshape(ordered(b.x, b.term, [...batch, ...inner, ...columns]), [
    ...dims(batch),
    product(dims(inner)),
    product(dims(columns)),
  ]);
  const made = [...batch, ...rows, ...columns];
  return ordered(reshape(matmul(first, second), dims(made)), made, result);
}

function ordered(x: Tensor, from: readonly string[], to: readonly string[]): Tensor {
  if (from.join() === to.join()) return x;
  return transpose(
    x,
    to.map((c) => from.indexOf(c)),
  );
}
