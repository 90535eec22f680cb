/**
 * The scalar quantiser of residuals: levels that minimise the squared error of the sample (Lloyd 1957, Max 1960), and
 * for each token the scale that minimises its own.
 */
import type { CodeBits } from './codec.ts';
import { scaleByte, scaleTable } from './scales.ts';

/** Cells in which the sample's values are counted, and into which values are sorted when encoding. */
const CELLS = 4096;
/** Values are cut to this many standard deviations on either side. */
const REACH = 6;
const ITERATIONS = 100;

/** Levels as int8, ascending, and the factor that makes them those of unit variance. */
export interface Levels {
  readonly levels: Int8Array;
  readonly levelUnit: number;
}

/**
 * Fits levels to `residuals` (row-major [count, dim]), each row divided by its own root mean square.
 * Rows of zeros are left out.
 */
export function fitLevels(residuals: Float32Array, dim: number, bits: CodeBits): Levels {
  const counts = new Float64Array(CELLS);
  for (let start = 0; start < residuals.length; start += dim) {
    const row = residuals.subarray(start, start + dim);
    const scale = rootMeanSquare(row);
    if (!(scale > 0)) continue;
    for (const value of row) counts[cellOf(value / scale)]++;
  }
  const middle = (cell: number) => ((cell + 0.5) / CELLS) * 2 * REACH - REACH;
  const levels = quantiles(counts, 2 ** bits).map(middle);
  for (let turn = 0; turn < ITERATIONS; turn++) {
    const weights = new Float64Array(levels.length);
    const sums = new Float64Array(levels.length);
    for (let cell = 0, k = 0; cell < CELLS; cell++) {
      while (k + 1 < levels.length && middle(cell) > (levels[k] + levels[k + 1]) / 2) k++;
      weights[k] += counts[cell];
      sums[k] += counts[cell] * middle(cell);
    }
    levels.forEach((_, k) => {
      if (weights[k] > 0) levels[k] = sums[k] / weights[k];
    });
  }
  const largest = Math.max(...levels.map(Math.abs)) || 1;
  return {
    levels: Int8Array.from(levels, (level) => Math.round((127 * level) / largest)),
    levelUnit: largest / 127,
  };
}

/** Cells that hold the (k + 1/2) / n quantiles. */
function quantiles(counts: Float64Array, n: number): number[] {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const found: number[] = [];
  let sum = 0;
  for (let cell = 0; cell < CELLS; cell++) {
    sum += counts[cell];
    while (found.length < n && sum >= ((found.length + 0.5) / n) * total) found.push(cell);
  }
  return found;
}

function cellOf(value: number): number {
  const cell = Math.floor((value + REACH) * (CELLS / (2 * REACH)));
  return cell < 0 ? 0 : cell < CELLS ? cell : CELLS - 1;
}

function rootMeanSquare(row: Float32Array): number {
  let sum = 0;
  for (const value of row) sum += value * value;
  return Math.sqrt(sum / row.length);
}

/** Encodes residuals token by token. */
export class ResidualEncoder {
  private readonly dim: number;
  private readonly bits: CodeBits;
  private readonly maxScale: number;
  private readonly values: Float64Array;
  /** Level of each cell of a value in units of the scale. */
  private readonly nearest: Uint8Array;
  private readonly codes: Uint8Array;
  private readonly scales: Float32Array;
  private products = 0;
  private energy = 0;
  /** |residual|^2 of the token that was encoded last. */
  squares = 0;
  /** Its |residual - decoded|^2. */
  error = 0;

  constructor(dim: number, bits: CodeBits, { levels, levelUnit }: Levels, maxScale: number) {
    this.dim = dim;
    this.bits = bits;
    this.maxScale = maxScale;
    this.values = Float64Array.from(levels, (level) => level * levelUnit);
    this.nearest = new Uint8Array(CELLS);
    for (let cell = 0, k = 0; cell < CELLS; cell++) {
      const value = ((cell + 0.5) / CELLS) * 2 * REACH - REACH;
      while (k + 1 < levels.length && value > (this.values[k] + this.values[k + 1]) / 2) k++;
      this.nearest[cell] = k;
    }
    this.codes = new Uint8Array(dim);
    this.scales = scaleTable(maxScale);
  }

  /**
   * Packs the levels of `residual` into `packed` from byte `at` on (which must be zero there) and returns the scale's
   * byte. The scale and the levels are chosen in turns: each minimises the squared error for the other.
   */
  encode(residual: Float32Array, packed: Uint8Array, at: number): number {
    const { dim, bits, codes } = this;
    let scale = rootMeanSquare(residual);
    this.squares = scale * scale * dim;
    this.error = this.squares;
    if (!(scale > 0)) return 0;
    for (let turn = 0; turn < 2; turn++) scale = this.choose(residual, scale) || scale;
    const byte = scaleByte(scale, this.maxScale);
    if (byte === 0) return 0;
    const stored = this.scales[byte];
    this.choose(residual, stored);
    this.error = Math.max(0, this.squares - 2 * stored * this.products + stored * stored * this.energy);
    const perByte = 8 / bits;
    for (let d = 0, to = at; d < dim; to++) {
      let value = 0;
      for (let k = 0; k < perByte && d < dim; k++, d++) value |= codes[d] << (bits * k);
      packed[to] = value;
    }
    return byte;
  }

  /** Chooses the level of each dimension at this scale; the scale that suits these levels best. */
  private choose(residual: Float32Array, scale: number): number {
    const { nearest, codes, values } = this;
    const factor = CELLS / (2 * REACH * scale);
    let products = 0;
    let squares = 0;
    for (let d = 0; d < residual.length; d++) {
      const value = residual[d];
      const cell = (value * factor + CELLS / 2) | 0;
      const code = nearest[cell < 0 ? 0 : cell < CELLS ? cell : CELLS - 1];
      codes[d] = code;
      const level = values[code];
      products += value * level;
      squares += level * level;
    }
    this.products = products;
    this.energy = squares;
    return products / squares;
  }
}
