/** The files of a data set's folder, found by the names they were published under, plain or gzip. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { RefractError } from '../../errors.ts';

/** A file that fits a pattern. */
export interface FoundFile {
  /** For opening. */
  readonly path: string;
  /** Below the folder, with `/`. */
  readonly name: string;
  /** The pattern's groups, from 1; an absent one is empty. */
  readonly groups: readonly string[];
}

/** A folder with all that lies below it, listed once. */
export class SetFolder {
  readonly path: string;
  private readonly names: readonly string[];

  /** Errors: `FILE_MISSING` (no such folder), `FILE_FORMAT` (a file). */
  constructor(path: string) {
    this.path = path;
    this.names = listFiles(path);
  }

  /**
   * Files whose name, without `.gz`, fits `pattern` at its end, from the start of a path segment; in an order
   * that sorts `docs-2` before `docs-10`.
   *
   * @example folder.find(/queries\.(train|dev)\.tsv/) // [{ name: 'queries.dev.tsv', groups: ['dev'], ... }]
   */
  find(pattern: RegExp): FoundFile[] {
    const whole = new RegExp(`(?:^|/)${pattern.source}(?:\\.gz)?$`, pattern.flags);
    const found: FoundFile[] = [];
    for (const name of this.names) {
      const match = whole.exec(name);
      if (match !== null)
        found.push({
          path: join(this.path, name),
          name,
          groups: match.slice(1).map((group: string | undefined) => group ?? ''),
        });
    }
    return found;
  }

  /** The error of a folder in which a reader found nothing; `expected` names what was looked for. */
  nothingFound(expected: string): RefractError {
    const some = this.names.slice(0, 4).join(', ');
    return new RefractError('FILE_MISSING', 'holds no file of this data set', {
      at: this.path,
      hint: `Expected ${expected}, plain or gzip, anywhere below the folder. It holds ${some === '' ? 'nothing' : `${some}${this.names.length > 4 ? ', ...' : ''}`}; unpack archives first.`,
    });
  }
}

const order = new Intl.Collator('en', { numeric: true });

function listFiles(path: string): string[] {
  try {
    if (!statSync(path).isDirectory())
      throw new RefractError('FILE_FORMAT', 'is a file where a folder is needed', {
        at: path,
        hint: 'Name the folder that holds the files of the data set.',
      });
    return walk(path, '').sort((a, b) => order.compare(a, b) || (a < b ? -1 : 1));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException | undefined)?.code;
    if (error instanceof RefractError || code === undefined) throw error;
    throw new RefractError(
      'FILE_MISSING',
      code === 'ENOENT' ? 'there is no such folder' : `cannot be read (${code})`,
      {
        at: path,
        hint: 'Check the spelling and the folder you are in.',
        cause: error,
      },
    );
  }
}

/** Links that lead round in a circle end here. */
const DEEPEST = 16;

/** Hidden files and unfinished downloads are not part of a data set. */
function walk(root: string, below: string, depth = 0): string[] {
  if (depth > DEEPEST) return [];
  return readdirSync(join(root, below), { withFileTypes: true }).flatMap((entry) => {
    if (entry.name.startsWith('.') || entry.name.endsWith('.part')) return [];
    const name = below === '' ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory()) return walk(root, name, depth + 1);
    if (!entry.isSymbolicLink()) return [name];
    const target = statSync(join(root, name), { throwIfNoEntry: false });
    if (target === undefined) return [];
    return target.isDirectory() ? walk(root, name, depth + 1) : [name];
  });
}
