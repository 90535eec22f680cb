/** One row of comma-separated values, with the quoting of RFC 4180 within a line. */

/**
 * The cells of a line; a doubled quote within quotes is one.
 *
 * @example csvCells('1,"maji, safi","a ""b"""') // ['1', 'maji, safi', 'a "b"']
 */
export function csvCells(line: string): string[] {
  if (!line.includes('"')) return line.split(',');
  const cells: string[] = [];
  for (let at = 0; at <= line.length; ) {
    if (line[at] !== '"') {
      const end = line.indexOf(',', at);
      const stop = end < 0 ? line.length : end;
      cells.push(line.slice(at, stop));
      at = stop + 1;
      continue;
    }
    let cell = '';
    let from = at + 1;
    for (;;) {
      const quote = line.indexOf('"', from);
      if (quote < 0) return [...cells, cell + line.slice(from)];
      cell += line.slice(from, quote);
      if (line[quote + 1] !== '"') {
        at = quote + 2;
        break;
      }
      cell += '"';
      from = quote + 2;
    }
    cells.push(cell);
  }
  return cells;
}
