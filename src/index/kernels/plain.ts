/** The kernels without WebAssembly: the same numbers as `kernels.as`, some thirty times slower. */
import { GROUP_LANES, type Kernels } from './kernels.ts';

const { fround } = Math;

/** The kernels over `buffer`. */
export function plainKernels(buffer: SharedArrayBuffer): Kernels {
  const u8 = new Uint8Array(buffer);
  const i8 = new Int8Array(buffer);
  const u16 = new Uint16Array(buffer);
  const i16 = new Int16Array(buffer);
  const u32 = new Uint32Array(buffer);
  const i32 = new Int32Array(buffer);
  const f32 = new Float32Array(buffer);

  /** Levels of packed codes by a table of `each` int16 a byte. */
  const decode = (packed: number, bytes: number, table: number, out: number, each: number) => {
    for (let b = 0, to = out >>> 1; b < bytes; b++, to += each) {
      const from = (table >>> 1) + each * u8[packed + b];
      for (let k = 0; k < each; k++) i16[to + k] = i16[from + k];
    }
  };

  return {
    dotRows(block, width, rows, count, dim, out) {
      const from = block >>> 1;
      for (let r = 0; r < count; r++) {
        const row = (rows >>> 1) + r * dim;
        for (let lane = 0; lane < width; lane++) {
          const start = from + (lane - (lane % GROUP_LANES)) * dim + 2 * (lane % GROUP_LANES);
          let sum = 0;
          for (let d = 0; d < dim; d += 2) {
            const at = start + GROUP_LANES * d;
            sum = (sum + i16[row + d] * i16[at] + i16[row + d + 1] * i16[at + 1]) | 0;
          }
          i32[(out >>> 2) + r * width + lane] = sum;
        }
      }
    },

    decodeFour(packed, bytes, levels, out) {
      for (let b = 0, to = out >>> 1; b < bytes; b++, to += 2) {
        const pair = u8[packed + b];
        i16[to] = i8[levels + (pair & 15)];
        i16[to + 1] = i8[levels + (pair >> 4)];
      }
    },

    decodeTwo: (packed, bytes, table, out) => decode(packed, bytes, table, out, 4),

    decodeOne: (packed, bytes, table, out) => decode(packed, bytes, table, out, 8),

    centroidTable(sums, count, width, unit, floors, step, bytes) {
      const [units, steps] = [fround(unit), fround(step)];
      for (let i = 0, at = sums >>> 2; i < count * width; i++, at++) {
        const value = fround(fround(i32[at]) * units);
        f32[at] = value;
        const byte = fround(fround(value - f32[(floors >>> 2) + (i % width)]) * steps);
        u8[bytes + i] = byte >= 255 ? 255 : byte > 0 ? Math.trunc(byte) : 0;
      }
    },

    scan(codes, starts, first, last, allowed, bytes, width, scores) {
      const max = new Uint8Array(width);
      for (let w = first; w < last; w++) {
        if (((u8[allowed + (w >>> 3)] >> (w & 7)) & 1) === 0) continue;
        max.fill(0);
        const end = u32[(starts >>> 2) + w + 1];
        for (let t = u32[(starts >>> 2) + w]; t < end; t++) {
          const row = bytes + width * u16[(codes >>> 1) + t];
          for (let lane = 0; lane < width; lane++) if (u8[row + lane] > max[lane]) max[lane] = u8[row + lane];
        }
        let sum = 0;
        for (const value of max) sum += value;
        u32[(scores >>> 2) + w] += sum;
      }
    },

    maxOver(sums, count, width, codes, table, scaleBytes, scales, best) {
      for (let t = 0; t < count; t++) {
        const row = (table >>> 2) + width * u16[(codes >>> 1) + t];
        const scale = f32[(scales >>> 2) + u8[scaleBytes + t]];
        for (let lane = 0; lane < width; lane++) {
          const residual = fround(fround(i32[(sums >>> 2) + t * width + lane]) * scale);
          const value = fround(f32[row + lane] + residual);
          const at = (best >>> 2) + lane;
          if (f32[at] < value) f32[at] = value;
        }
      }
    },

    nearestLane(sums, count, width, halves, base, values, lanes) {
      for (let r = 0; r < count; r++) {
        let [best, place] = [-(2 ** 31), 0];
        for (let lane = 0; lane < width; lane++) {
          const value = (i32[(sums >>> 2) + r * width + lane] - i32[(halves >>> 2) + lane]) | 0;
          if (value > best) [best, place] = [value, lane];
        }
        if (best <= i32[(values >>> 2) + r]) continue;
        i32[(values >>> 2) + r] = best;
        i32[(lanes >>> 2) + r] = base + place;
      }
    },
  };
}
