/** Lines as C's printf writes them for trec_eval: `%-22s\t%s\t%6.4f`. */

/**
 * A number with four decimals, as C's `%6.4f` writes it. JavaScript's `toFixed` agrees but for two cases: a number
 * exactly half-way between two decimals goes to the even one in C (0.03125 is 0.0312), and minus zero keeps its
 * sign.
 *
 * @example fourDecimals(0.03125) // '0.0312'
 */
export function fourDecimals(value: number): string {
  // With four decimals a binary fraction is half-way only if it is an odd multiple of 1/32.
  const thirtySeconds = value * 32;
  if (Number.isInteger(thirtySeconds) && Math.abs(thirtySeconds % 2) === 1) {
    const below = Math.floor(value * 10_000);
    return ((below % 2 === 0 ? below : below + 1) / 10_000).toFixed(4);
  }
  return Object.is(value, -0) ? '-0.0000' : value.toFixed(4);
}

/**
 * One line of trec_eval's output, with its line break.
 *
 * @param query an id, or `all`
 * @example trecLine('map', 'all', '0.1785') // 'map                   \tall\t0.1785\n'
 */
export function trecLine(label: string, query: string, value: string): string {
  return `${label.padEnd(22)}\t${query}\t${value}\n`;
}
