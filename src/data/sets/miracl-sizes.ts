/** Sizes of MIRACL by language, from https://github.com/project-miracl/miracl/blob/main/README.md . */

/** Passages, and [queries, judgments] of train and dev. */
export interface MiraclSize {
  readonly passages: number;
  readonly train: readonly [number, number];
  readonly dev: readonly [number, number];
}

/** By language code. */
export const MIRACL_SIZES: Readonly<Record<string, MiraclSize>> = {
  ar: { passages: 2_061_414, train: [3495, 25_382], dev: [2896, 29_197] },
  bn: { passages: 297_265, train: [1631, 16_754], dev: [411, 4206] },
  en: { passages: 32_893_221, train: [2863, 29_416], dev: [799, 8350] },
  es: { passages: 10_373_953, train: [2162, 21_531], dev: [648, 6443] },
  fa: { passages: 2_207_172, train: [2107, 21_844], dev: [632, 6571] },
  fi: { passages: 1_883_509, train: [2897, 20_350], dev: [1271, 12_008] },
  fr: { passages: 14_636_953, train: [1143, 11_426], dev: [343, 3429] },
  hi: { passages: 506_264, train: [1169, 11_668], dev: [350, 3494] },
  id: { passages: 1_446_315, train: [4071, 41_358], dev: [960, 9668] },
  ja: { passages: 6_953_614, train: [3477, 34_387], dev: [860, 8354] },
  ko: { passages: 1_486_752, train: [868, 12_767], dev: [213, 3057] },
  ru: { passages: 9_543_918, train: [4683, 33_921], dev: [1252, 13_100] },
  sw: { passages: 131_924, train: [1901, 9359], dev: [482, 5092] },
  te: { passages: 518_079, train: [3452, 18_608], dev: [828, 1606] },
  th: { passages: 542_166, train: [2972, 21_293], dev: [733, 7573] },
  zh: { passages: 4_934_368, train: [1312, 13_113], dev: [393, 3928] },
};
