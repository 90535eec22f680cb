/**
 * Matrices of low rank: the best one for a given matrix, and adding one to a weight.
 *
 * By Eckart and Young (1936) no matrix of rank r is nearer to D in the sum of squares than U_r U_r' D, with U_r the r
 * first left singular vectors: eigenvectors of D D'. They are found on the smaller side of D, in double precision.
 */
import type { FloatTensor } from './safetensors.ts';
import { symmetricEigen } from './symmetric-eigen.ts';

/** The product B A of B [out, r] and A [r, in]. */
export interface LowRank {
  readonly b: FloatTensor;
  readonly a: FloatTensor;
}

/** How much of a matrix is left: a rank, or the smallest rank that holds a share of the sum of squares. */
export type Truncation = { readonly rank: number } | { readonly energy: number };

/**
 * The nearest matrix of low rank to `matrix` [rows, columns].
 *
 * @returns factors of a rank from 1 to the smaller side, and `kept`, the share of the sum of squares that they hold
 * @example truncate(difference, [768, 768], { energy: 0.9 }).factors.a.shape // [41, 768]
 */
export function truncate(
  matrix: Float64Array,
  [rows, columns]: readonly [number, number],
  asked: Truncation,
): { factors: LowRank; kept: number } {
  const wide = rows <= columns;
  // Rows of `side` are the vectors whose products are the Gram matrix of the smaller side.
  const side = wide ? matrix : transposed(matrix, rows, columns);
  const [size, length] = wide ? [rows, columns] : [columns, rows];
  const { values, vectors } = symmetricEigen(gram(side, size, length), size);
  const total = values.reduce((sum, value) => sum + Math.max(value, 0), 0);
  let rank = 0;
  let kept = 0;
  const most = 'rank' in asked ? Math.min(asked.rank, size) : size;
  const enough = 'energy' in asked ? asked.energy * total : Number.POSITIVE_INFINITY;
  while (rank < most && (rank === 0 || kept < enough)) kept += Math.max(values[rank++], 0);
  const first = new Float32Array(rank * size);
  const second = new Float32Array(rank * length);
  for (let r = 0; r < rank; r++) {
    const sums = new Float64Array(length);
    for (let i = 0; i < size; i++) {
      const weight = vectors[r * size + i];
      first[r * size + i] = weight;
      for (let j = 0; j < length; j++) sums[j] += weight * side[i * length + j];
    }
    second.set(sums, r * length);
  }
  const factors = wide
    ? { b: tensor(flipped(first, rank, size), [rows, rank]), a: tensor(second, [rank, columns]) }
    : { b: tensor(flipped(second, rank, length), [rows, rank]), a: tensor(first, [rank, columns]) };
  return { factors, kept: total > 0 ? kept / total : 1 };
}

/**
 * `weight` [out, in] + B A, each element summed in double precision and rounded once. Nothing is added where B is
 * zero, so that the bits stay.
 */
export function addLowRank(weight: FloatTensor, { b, a }: LowRank): FloatTensor {
  const [out, into] = weight.shape;
  const rank = a.shape[0];
  const data = weight.data.slice();
  const sums = new Float64Array(into);
  for (let i = 0; i < out; i++) {
    const row = b.data.subarray(i * rank, (i + 1) * rank);
    if (row.every((value) => value === 0)) continue;
    for (let j = 0; j < into; j++) sums[j] = weight.data[i * into + j];
    row.forEach((value, r) => {
      for (let j = 0; j < into; j++) sums[j] += value * a.data[r * into + j];
    });
    data.set(sums, i * into);
  }
  return { ...weight, data };
}

function tensor(data: Float32Array, shape: number[]): FloatTensor {
  return { dtype: 'F32', shape, data };
}

/** The products of all rows [size, length] with each other: [size, size]. */
function gram(rows: Float64Array, size: number, length: number): Float64Array {
  const products = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    const one = rows.subarray(i * length, (i + 1) * length);
    for (let k = 0; k <= i; k++) {
      const other = rows.subarray(k * length, (k + 1) * length);
      let sum = 0;
      for (let j = 0; j < length; j++) sum += one[j] * other[j];
      products[i * size + k] = sum;
      products[k * size + i] = sum;
    }
  }
  return products;
}

function transposed(matrix: Float64Array, rows: number, columns: number): Float64Array {
  const turned = new Float64Array(matrix.length);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++) turned[j * rows + i] = matrix[i * columns + j];
  return turned;
}

function flipped(matrix: Float32Array, rows: number, columns: number): Float32Array {
  const turned = new Float32Array(matrix.length);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++) turned[j * rows + i] = matrix[i * columns + j];
  return turned;
}
