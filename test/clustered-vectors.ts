/** Unit vectors around centres, for tests of compression. */
import { RandomStream } from '../src/random.ts';

/** `count` unit vectors of `dim` numbers, each `noise` away from one of `clusters` unit centres; row-major. */
export function clusteredVectors({
  count,
  dim,
  clusters,
  noise,
  seed,
}: {
  readonly count: number;
  readonly dim: number;
  readonly clusters: number;
  readonly noise: number;
  readonly seed: number;
}): Float32Array {
  const random = new RandomStream(seed, 'clustered vectors');
  const unit = (row: number[]) => {
    const norm = Math.hypot(...row);
    return row.map((value) => value / norm);
  };
  const normal = (scale: number) =>
    Array.from({ length: dim }, () => (scale * random.normal()) / Math.sqrt(dim));
  const centres = Array.from({ length: clusters }, () => unit(normal(1)));
  const out = new Float32Array(count * dim);
  for (let i = 0; i < count; i++) {
    const centre = centres[random.below(clusters)];
    out.set(unit(normal(noise).map((value, d) => value + centre[d])), i * dim);
  }
  return out;
}
