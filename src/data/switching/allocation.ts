/**
 * Divides quotas of words among kinds of words. A kind is the set of languages whose lexicons know a word;
 * language l is to get t_l words, and a word goes to one language at most:
 *
 *     a_kl whole,  Σ_l a_kl <= n_k,  Σ_k a_kl = t_l,  a_kl = 0 where l does not know kind k
 *
 * Such a table exists exactly when for every set S of languages (Gale 1957)
 *
 *     Σ_{l in S} t_l <= cover(S),   cover(S) = number of words that some language of S knows.
 *
 * Of all tables one near that of largest entropy is taken, in which every word has odds w_l of going to a
 * language that knows it, against 1 of staying: a_kl ~ n_k w_l / (1 + Σ_{m in k} w_m).
 */

/** Words of one kind. */
export interface WordKind {
  /** Bit l is set when language l knows them. */
  readonly mask: number;
  readonly count: number;
}

/** Rounds of fitting the odds; what is left over is dealt out exactly. */
const ROUNDS = 300;

/**
 * The table a [kinds][languages]. Where the quotas cannot all be met, as many words as possible are given out;
 * the columns then add up to less than `quotas`.
 *
 * @example allocate([{ mask: 0b01, count: 5 }, { mask: 0b11, count: 5 }], [4, 5]) // [[4, 0], [0, 5]]
 */
export function allocate(kinds: readonly WordKind[], quotas: readonly number[]): number[][] {
  const exact = likeliestTable(kinds, quotas);
  const table = exact.map((row) => row.map(Math.floor));
  const slack = kinds.map(({ count }, k) => count - sum(table[k]));
  const wanting = quotas.map((quota, l) => quota - table.reduce((total, row) => total + row[l], 0));
  for (let l = 0; l < quotas.length; l++) {
    giveBack(table, slack, wanting, l);
    const byRemainder = kinds.flatMap(({ mask }, k) => (mask & (1 << l) ? [k] : []));
    byRemainder.sort((a, b) => exact[b][l] - table[b][l] - (exact[a][l] - table[a][l]) || a - b);
    for (const k of byRemainder) {
      if (wanting[l] <= 0) break;
      if (slack[k] > 0) give(table, slack, wanting, k, l, 1);
    }
  }
  for (let l = 0; l < quotas.length; l++) {
    while (wanting[l] > 0 && augment(kinds, table, slack, wanting, l));
  }
  return table;
}

/** The fractional table of largest entropy, as far as the rounds come. */
function likeliestTable(kinds: readonly WordKind[], quotas: readonly number[]): number[][] {
  const odds = quotas.map((quota): number => (quota > 0 ? 1 : 0));
  const row = ({ mask, count }: WordKind) => {
    let total = 1;
    for (let l = 0; l < odds.length; l++) if (mask & (1 << l)) total += odds[l];
    return odds.map((odd, l) => (mask & (1 << l) ? (count * odd) / total : 0));
  };
  for (let round = 0; round < ROUNDS; round++) {
    const columns = quotas.map(() => 0);
    for (const kind of kinds)
      row(kind).forEach((value, l) => {
        columns[l] += value;
      });
    let off = 0;
    quotas.forEach((quota, l) => {
      off = Math.max(off, Math.abs(columns[l] - quota));
      if (columns[l] > 0) odds[l] = Math.min((odds[l] * quota) / columns[l], 1e9);
    });
    if (off < 0.01) break;
  }
  return kinds.map(row);
}

/** Takes back what an unfinished fit gave too much. */
function giveBack(table: number[][], slack: number[], wanting: number[], l: number): void {
  for (let k = 0; k < table.length && wanting[l] < 0; k++) {
    const surplus = Math.min(-wanting[l], table[k][l]);
    give(table, slack, wanting, k, l, -surplus);
  }
}

function give(
  table: number[][],
  slack: number[],
  wanting: number[],
  k: number,
  l: number,
  count: number,
): void {
  table[k][l] += count;
  slack[k] -= count;
  wanting[l] -= count;
}

/**
 * Gives language `l` some words of its want along the shortest chain: it takes a kind from another language,
 * which takes one from a third, until a kind has words to spare. Returns whether there was a chain.
 */
function augment(
  kinds: readonly WordKind[],
  table: number[][],
  slack: number[],
  wanting: number[],
  l: number,
): boolean {
  const cameFrom: ({ language: number; kind: number } | undefined)[] = [];
  const queue = [l];
  let reached = 1 << l;
  for (const language of queue) {
    for (let k = 0; k < kinds.length; k++) {
      if ((kinds[k].mask & (1 << language)) === 0) continue;
      if (slack[k] > 0) {
        shift(table, slack, wanting, { l, language, k, cameFrom });
        return true;
      }
      for (let other = 0; other < wanting.length; other++) {
        if (table[k][other] === 0 || reached & (1 << other)) continue;
        reached |= 1 << other;
        cameFrom[other] = { language, kind: k };
        queue.push(other);
      }
    }
  }
  return false;
}

interface Chain {
  /** Where the chain begins, and the language at its end with the kind that has words to spare. */
  readonly l: number;
  readonly language: number;
  readonly k: number;
  /** For each language between: who takes which kind from it. */
  readonly cameFrom: readonly ({ language: number; kind: number } | undefined)[];
}

function shift(
  table: number[][],
  slack: number[],
  wanting: number[],
  { l, language, k, cameFrom }: Chain,
): void {
  let count = Math.min(wanting[l], slack[k]);
  for (let at = language, step = cameFrom[at]; at !== l && step; at = step.language, step = cameFrom[at])
    count = Math.min(count, table[step.kind][at]);
  slack[k] -= count;
  wanting[l] -= count;
  table[k][language] += count;
  for (let at = language, step = cameFrom[at]; at !== l && step; at = step.language, step = cameFrom[at]) {
    table[step.kind][at] -= count;
    table[step.kind][step.language] += count;
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
