// The SIMD kernels of the compressed index, in AssemblyScript. Addresses are bytes of the imported memory; nothing is
// allocated. src/index/kernels/plain.ts computes the same, bit by bit. Compiled by scripts of `npm run build`.

/**
 * Inner products of int16 vectors: `out[r][lane]` (int32) for `count` rows of `dim` numbers against a block of `width`
 * vectors. The block is packed in groups of eight lanes: [dim / 2][8 lanes][2 numbers], so that one multiplication
 * serves four lanes and no sum crosses lanes. `width` is a multiple of 8, `dim` of 16.
 */
export function dotRows(block: usize, width: i32, rows: usize, count: i32, dim: i32, out: usize): void {
  const stride: usize = 2 * dim;
  const group: usize = 16 * dim;
  const line: usize = 4 * width;
  let left = count;
  while (left >= 4) {
    let packed = block;
    let target = out;
    for (let lane = 0; lane < width; lane += 8) {
      let a0 = i32x4.splat(0), a1 = a0, b0 = a0, b1 = a0, c0 = a0, c1 = a0, d0 = a0, d1 = a0;
      let r0 = rows, r1 = rows + stride, r2 = r1 + stride, r3 = r2 + stride;
      const end = packed + group;
      while (packed < end) {
        let low = v128.load(packed), high = v128.load(packed, 16);
        let x = v128.load_splat<u32>(r0), y = v128.load_splat<u32>(r1);
        a0 = i32x4.add(a0, i32x4.dot_i16x8_s(low, x));
        a1 = i32x4.add(a1, i32x4.dot_i16x8_s(high, x));
        b0 = i32x4.add(b0, i32x4.dot_i16x8_s(low, y));
        b1 = i32x4.add(b1, i32x4.dot_i16x8_s(high, y));
        x = v128.load_splat<u32>(r2); y = v128.load_splat<u32>(r3);
        c0 = i32x4.add(c0, i32x4.dot_i16x8_s(low, x));
        c1 = i32x4.add(c1, i32x4.dot_i16x8_s(high, x));
        d0 = i32x4.add(d0, i32x4.dot_i16x8_s(low, y));
        d1 = i32x4.add(d1, i32x4.dot_i16x8_s(high, y));

        low = v128.load(packed, 32); high = v128.load(packed, 48);
        x = v128.load_splat<u32>(r0, 4); y = v128.load_splat<u32>(r1, 4);
        a0 = i32x4.add(a0, i32x4.dot_i16x8_s(low, x));
        a1 = i32x4.add(a1, i32x4.dot_i16x8_s(high, x));
        b0 = i32x4.add(b0, i32x4.dot_i16x8_s(low, y));
        b1 = i32x4.add(b1, i32x4.dot_i16x8_s(high, y));
        x = v128.load_splat<u32>(r2, 4); y = v128.load_splat<u32>(r3, 4);
        c0 = i32x4.add(c0, i32x4.dot_i16x8_s(low, x));
        c1 = i32x4.add(c1, i32x4.dot_i16x8_s(high, x));
        d0 = i32x4.add(d0, i32x4.dot_i16x8_s(low, y));
        d1 = i32x4.add(d1, i32x4.dot_i16x8_s(high, y));
        packed += 64; r0 += 8; r1 += 8; r2 += 8; r3 += 8;
      }
      let to = target;
      v128.store(to, a0); v128.store(to, a1, 16); to += line;
      v128.store(to, b0); v128.store(to, b1, 16); to += line;
      v128.store(to, c0); v128.store(to, c1, 16); to += line;
      v128.store(to, d0); v128.store(to, d1, 16);
      target += 32;
    }
    rows += 4 * stride;
    out += 4 * line;
    left -= 4;
  }
  while (left > 0) {
    let packed = block;
    let target = out;
    for (let lane = 0; lane < width; lane += 8) {
      let a0 = i32x4.splat(0), a1 = a0;
      let r0 = rows;
      const end = packed + group;
      while (packed < end) {
        const x = v128.load_splat<u32>(r0);
        a0 = i32x4.add(a0, i32x4.dot_i16x8_s(v128.load(packed), x));
        a1 = i32x4.add(a1, i32x4.dot_i16x8_s(v128.load(packed, 16), x));
        packed += 32; r0 += 4;
      }
      v128.store(target, a0); v128.store(target, a1, 16);
      target += 32;
    }
    rows += stride;
    out += line;
    left--;
  }
}

/** `bytes` packed bytes of 4-bit codes, low half first, as int16 levels: `levels` are sixteen int8. A multiple of 8. */
export function decodeFour(packed: usize, bytes: i32, levels: usize, out: usize): void {
  const level = v128.load(levels);
  const mask = i8x16.splat(15);
  const end = packed + bytes;
  while (packed < end) {
    const pairs = v128.load_zero<u64>(packed);
    const codes = i8x16.shuffle(v128.and(pairs, mask), v128.and(i16x8.shr_u(pairs, 4), mask), 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    const values = i8x16.swizzle(level, codes);
    v128.store(out, i16x8.extend_low_i8x16_s(values));
    v128.store(out, i16x8.extend_high_i8x16_s(values), 16);
    packed += 8;
    out += 32;
  }
}

/** The same for codes of 2 bits: `table` holds the four int16 levels of each of the 256 bytes. */
export function decodeTwo(packed: usize, bytes: i32, table: usize, out: usize): void {
  const end = packed + bytes;
  while (packed < end) {
    store<u64>(out, load<u64>(table + (<usize>load<u8>(packed) << 3)));
    packed++;
    out += 8;
  }
}

/** The same for codes of 1 bit: `table` holds the eight int16 levels of each of the 256 bytes. */
export function decodeOne(packed: usize, bytes: i32, table: usize, out: usize): void {
  const end = packed + bytes;
  while (packed < end) {
    v128.store(out, v128.load(table + (<usize>load<u8>(packed) << 4)));
    packed++;
    out += 16;
  }
}

/**
 * Turns `count` lines of int32 products (`width` lanes, a multiple of 16) in place into float32 times `unit`, and writes
 * them beside as bytes for the scan: (value - floor[lane]) * step, cut to 0..255.
 */
export function centroidTable(sums: usize, count: i32, width: i32, unit: f32, floors: usize, step: f32, bytes: usize): void {
  const units = f32x4.splat(unit), steps = f32x4.splat(step);
  for (let row = 0; row < count; row++) {
    for (let lane = 0; lane < width; lane += 16) {
      const floor = floors + 4 * lane;
      const a = f32x4.mul(f32x4.convert_i32x4_s(v128.load(sums)), units);
      const b = f32x4.mul(f32x4.convert_i32x4_s(v128.load(sums, 16)), units);
      const c = f32x4.mul(f32x4.convert_i32x4_s(v128.load(sums, 32)), units);
      const d = f32x4.mul(f32x4.convert_i32x4_s(v128.load(sums, 48)), units);
      v128.store(sums, a); v128.store(sums, b, 16); v128.store(sums, c, 32); v128.store(sums, d, 48);
      const low = i16x8.narrow_i32x4_s(
        i32x4.trunc_sat_f32x4_s(f32x4.mul(f32x4.sub(a, v128.load(floor)), steps)),
        i32x4.trunc_sat_f32x4_s(f32x4.mul(f32x4.sub(b, v128.load(floor, 16)), steps)));
      const high = i16x8.narrow_i32x4_s(
        i32x4.trunc_sat_f32x4_s(f32x4.mul(f32x4.sub(c, v128.load(floor, 32)), steps)),
        i32x4.trunc_sat_f32x4_s(f32x4.mul(f32x4.sub(d, v128.load(floor, 48)), steps)));
      v128.store(bytes, i8x16.narrow_i16x8_u(low, high));
      sums += 64;
      bytes += 16;
    }
  }
}

/**
 * Adds to `scores[w]` (uint32) of windows `first` to `last - 1` the sum over `width` (16 or 32) lanes of the largest byte
 * among the window's centroid codes. `starts` are the windows' first tokens; windows whose bit in `allowed` is clear are left.
 */
export function scan(codes: usize, starts: usize, first: i32, last: i32, allowed: usize, bytes: usize, width: i32, scores: usize): void {
  for (let w = first; w < last; w++) {
    if (!((<i32>load<u8>(allowed + (w >>> 3)) >> (w & 7)) & 1)) continue;
    let code = codes + (<usize>load<u32>(starts + (<usize>w << 2)) << 1);
    const end = codes + (<usize>load<u32>(starts + (<usize>w << 2), 4) << 1);
    let total = i16x8.splat(0);
    if (width == 16) {
      let max = i8x16.splat(0);
      while (code < end) {
        max = i8x16.max_u(max, v128.load(bytes + (<usize>load<u16>(code) << 4)));
        code += 2;
      }
      total = i16x8.extadd_pairwise_i8x16_u(max);
    } else {
      let low = i8x16.splat(0), high = low;
      let low2 = low, high2 = low;
      while (code + 2 < end) {
        const a = bytes + (<usize>load<u16>(code) << 5), b = bytes + (<usize>load<u16>(code, 2) << 5);
        low = i8x16.max_u(low, v128.load(a)); high = i8x16.max_u(high, v128.load(a, 16));
        low2 = i8x16.max_u(low2, v128.load(b)); high2 = i8x16.max_u(high2, v128.load(b, 16));
        code += 4;
      }
      while (code < end) {
        const a = bytes + (<usize>load<u16>(code) << 5);
        low = i8x16.max_u(low, v128.load(a)); high = i8x16.max_u(high, v128.load(a, 16));
        code += 2;
      }
      total = i16x8.add(i16x8.extadd_pairwise_i8x16_u(i8x16.max_u(low, low2)), i16x8.extadd_pairwise_i8x16_u(i8x16.max_u(high, high2)));
    }
    const wide = i32x4.extadd_pairwise_i16x8_u(total);
    const sum = i32x4.extract_lane(wide, 0) + i32x4.extract_lane(wide, 1) + i32x4.extract_lane(wide, 2) + i32x4.extract_lane(wide, 3);
    const score = scores + (<usize>w << 2);
    store<u32>(score, load<u32>(score) + sum);
  }
}

/**
 * `best[lane] = max(best[lane], table[code of t][lane] + sums[t][lane] * scale[byte of t])` over `count` tokens, in
 * float32; `width` is a multiple of 16.
 */
export function maxOver(sums: usize, count: i32, width: i32, codes: usize, table: usize, scaleBytes: usize, scales: usize, best: usize): void {
  const line: usize = 4 * width;
  for (let lane = 0; lane < width; lane += 16) {
    let a = v128.load(best), b = v128.load(best, 16), c = v128.load(best, 32), d = v128.load(best, 48);
    let sum = sums;
    for (let t = 0; t < count; t++) {
      const row = table + <usize>load<u16>(codes + (<usize>t << 1)) * line;
      const scale = v128.load_splat<u32>(scales + (<usize>load<u8>(scaleBytes + t) << 2));
      a = f32x4.pmax(a, f32x4.add(v128.load(row), f32x4.mul(f32x4.convert_i32x4_s(v128.load(sum)), scale)));
      b = f32x4.pmax(b, f32x4.add(v128.load(row, 16), f32x4.mul(f32x4.convert_i32x4_s(v128.load(sum, 16)), scale)));
      c = f32x4.pmax(c, f32x4.add(v128.load(row, 32), f32x4.mul(f32x4.convert_i32x4_s(v128.load(sum, 32)), scale)));
      d = f32x4.pmax(d, f32x4.add(v128.load(row, 48), f32x4.mul(f32x4.convert_i32x4_s(v128.load(sum, 48)), scale)));
      sum += line;
    }
    v128.store(best, a); v128.store(best, b, 16); v128.store(best, c, 32); v128.store(best, d, 48);
    table += 64;
    sums += 64;
    best += 64;
  }
}

/**
 * For each of `count` lines of `width` (a multiple of 4) int32 products: the lane where product - half is largest, the
 * first of equal ones. `values[line]` gets the largest, `lanes[line]` `base` + its lane, where it exceeds what stands there.
 */
export function nearestLane(sums: usize, count: i32, width: i32, halves: usize, base: i32, values: usize, lanes: usize): void {
  for (let r = 0; r < count; r++) {
    let best = i32x4.splat(i32.MIN_VALUE);
    let at = i32x4.splat(0);
    let index = i32x4(0, 1, 2, 3);
    const four = i32x4.splat(4);
    for (let lane = 0; lane < width; lane += 4) {
      const value = i32x4.sub(v128.load(sums), v128.load(halves + 4 * lane));
      const higher = i32x4.gt_s(value, best);
      best = v128.bitselect(value, best, higher);
      at = v128.bitselect(index, at, higher);
      index = i32x4.add(index, four);
      sums += 16;
    }
    let value = i32x4.extract_lane(best, 0), place = i32x4.extract_lane(at, 0);
    let other = i32x4.extract_lane(best, 1), where = i32x4.extract_lane(at, 1);
    if (other > value || (other == value && where < place)) { value = other; place = where; }
    other = i32x4.extract_lane(best, 2); where = i32x4.extract_lane(at, 2);
    if (other > value || (other == value && where < place)) { value = other; place = where; }
    other = i32x4.extract_lane(best, 3); where = i32x4.extract_lane(at, 3);
    if (other > value || (other == value && where < place)) { value = other; place = where; }
    if (value > load<i32>(values)) {
      store<i32>(values, value);
      store<i32>(lanes, base + place);
    }
    values += 4;
    lanes += 4;
  }
}
