/**
 * Eigenvalues and eigenvectors of a symmetric matrix, in double precision: Householder reflections make it
 * tridiagonal, then QL steps with Wilkinson's shift split it (Golub and Van Loan, Matrix Computations, 8.3). About
 * 4 n^3 operations for the vectors; 768 x 768 takes seconds.
 */

/** Eigenvalues, falling, and eigenvectors of unit length, each a row. */
export interface Eigen {
  /** [n] */
  readonly values: Float64Array;
  /** [n, n] */
  readonly vectors: Float64Array;
}

/** QL steps for one eigenvalue; two are usual. */
const MOST_STEPS = 60;

/**
 * @param matrix symmetric [n, n]; it stays as it is
 * @example symmetricEigen(Float64Array.of(2, 1, 1, 2), 2).values // [3, 1]
 */
export function symmetricEigen(matrix: Float64Array, n: number): Eigen {
  const { diagonal, beside, basis } = tridiagonal(matrix.slice(), n);
  splitOff(diagonal, beside, basis, n);
  const order = [...diagonal.keys()].sort((i, j) => diagonal[j] - diagonal[i]);
  const vectors = new Float64Array(n * n);
  order.forEach((from, to) => {
    vectors.set(basis.subarray(from * n, (from + 1) * n), to * n);
  });
  return { values: Float64Array.from(order, (i) => diagonal[i]), vectors };
}

/** A = Q T Q' with T tridiagonal: its diagonal, what stands beside it, and Q' row by row. `a` is overwritten. */
function tridiagonal(a: Float64Array, n: number) {
  const basis = new Float64Array(n * n);
  for (let i = 0; i < n; i++) basis[i * n + i] = 1;
  const beside = new Float64Array(n);
  for (let k = 0; k < n - 1; k++) {
    // v reflects the column below the diagonal onto its first element.
    const from = k + 1;
    const v = new Float64Array(n);
    let squares = 0;
    for (let i = from; i < n; i++) {
      v[i] = a[i * n + k];
      squares += v[i] * v[i];
    }
    const first = v[from];
    const length = Math.sqrt(squares);
    const onto = first > 0 ? -length : length;
    beside[k] = onto;
    v[from] -= onto;
    const norm = squares - first * first + v[from] * v[from];
    if (norm === 0) continue;
    const scale = 2 / norm;
    // The rest of A becomes A - v w' - w v', w = p - (scale/2) (p.v) v, p = scale A v.
    const p = new Float64Array(n);
    let along = 0;
    for (let i = from; i < n; i++) {
      let sum = 0;
      for (let j = from; j < n; j++) sum += a[i * n + j] * v[j];
      p[i] = scale * sum;
      along += p[i] * v[i];
    }
    const half = (scale / 2) * along;
    for (let i = from; i < n; i++) p[i] -= half * v[i];
    for (let i = from; i < n; i++) for (let j = from; j < n; j++) a[i * n + j] -= v[i] * p[j] + p[i] * v[j];
    // Q' becomes H Q': rows are mixed.
    const mixed = new Float64Array(n);
    for (let i = from; i < n; i++) for (let j = 0; j < n; j++) mixed[j] += v[i] * basis[i * n + j];
    for (let i = from; i < n; i++) for (let j = 0; j < n; j++) basis[i * n + j] -= scale * v[i] * mixed[j];
  }
  return { diagonal: Float64Array.from({ length: n }, (_, i) => a[i * n + i]), beside, basis };
}

/** Turns the tridiagonal matrix (d, e) into a diagonal one by rotations, which rows of `basis` follow. */
function splitOff(d: Float64Array, e: Float64Array, basis: Float64Array, n: number): void {
  const largest = d.reduce((most, x, i) => Math.max(most, Math.abs(x) + Math.abs(e[i])), 0);
  const nothing = Number.EPSILON * largest;
  for (let low = 0; low < n; low++) {
    for (let step = 0; step < MOST_STEPS; step++) {
      let high = low;
      while (high < n - 1 && Math.abs(e[high]) > nothing) high++;
      if (high === low) break;
      // Wilkinson's shift: the eigenvalue of the upper 2 x 2 block that is nearer to d[low].
      const half = (d[low + 1] - d[low]) / (2 * e[low]);
      const root = Math.hypot(half, 1);
      let g = d[high] - d[low] + e[low] / (half + (half < 0 ? -root : root));
      let sine = 1;
      let cosine = 1;
      let carried = 0;
      for (let i = high - 1; i >= low; i--) {
        const f = sine * e[i];
        const b = cosine * e[i];
        const r = Math.hypot(f, g);
        e[i + 1] = r;
        if (r === 0) {
          d[i + 1] -= carried;
          e[high] = 0;
          carried = 0;
          g = Number.NaN; // nothing is left to carry: the block has split at i + 1
          break;
        }
        sine = f / r;
        cosine = g / r;
        g = d[i + 1] - carried;
        const turned = (d[i] - g) * sine + 2 * cosine * b;
        carried = sine * turned;
        d[i + 1] = g + carried;
        g = cosine * turned - b;
        rotate(basis, n, i, cosine, sine);
      }
      if (Number.isNaN(g)) continue;
      d[low] -= carried;
      e[low] = g;
      e[high] = 0;
    }
  }
}

/** Rows i and i + 1 turned against each other. */
function rotate(basis: Float64Array, n: number, i: number, cosine: number, sine: number): void {
  const one = basis.subarray(i * n, (i + 1) * n);
  const next = basis.subarray((i + 1) * n, (i + 2) * n);
  for (let j = 0; j < n; j++) {
    const f = next[j];
    next[j] = sine * one[j] + cosine * f;
    one[j] = cosine * one[j] - sine * f;
  }
}
