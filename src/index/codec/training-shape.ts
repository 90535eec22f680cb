/** How training a codec is cut up: numbers that follow from those of centroids and of sample vectors alone. */

/** Rows of a cell's own sample when cells are found. */
const ROWS_PER_CELL = 256;
/** Turns of k-means in which cells are found, and centroids within each cell. */
export const CELL_TURNS = 10;
export const CHILD_TURNS = 8;
/** Most vectors whose residuals the levels are fitted to. */
export const LEVEL_TOKENS = 65536;

/** The parts of a training. */
export interface TrainingShape {
  /** Vectors of the sample. */
  readonly rows: number;
  /** Centroids that are looked for. */
  readonly centroids: number;
  /** Cells that they are looked for in; those that stay empty are left out. */
  readonly cells: number;
  /** Vectors that cells are found from. */
  readonly cellRows: number;
  /** Vectors that levels are fitted to. */
  readonly levelRows: number;
}

/**
 * The shape of a training of at most `centroids` centroids on `rows` vectors. There are about twice as many cells as the
 * square root of the centroids: so a token is compared with as many cells as with children of those that it tries.
 *
 * @example trainingShape(393_216, 32_768) // { cells: 256, cellRows: 65_536, ... }
 */
export function trainingShape(rows: number, centroids: number): TrainingShape {
  const size = Math.min(centroids, rows);
  const cells = Math.min(size, 2 ** Math.max(0, Math.ceil((Math.log2(size) + 1) / 2)));
  const cellRows = Math.min(rows, ROWS_PER_CELL * cells);
  return { rows, centroids: size, cells, cellRows, levelRows: Math.min(LEVEL_TOKENS, rows) };
}

/** Assignments of a row to one of several means: among all cells, and among the centroids of one cell. */
export function trainingAssignments({ rows, cellRows }: TrainingShape): {
  readonly amongCells: number;
  readonly amongChildren: number;
} {
  return { amongCells: cellRows * CELL_TURNS + rows, amongChildren: rows * CHILD_TURNS };
}
