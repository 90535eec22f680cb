/** Bitext as two files of equally many lines, one sentence a line (Moses, OPUS). */
import { RefractError } from '../errors.ts';
import { type Bitext, type BitextPair, type BitextSettings, sourceFromName } from './bitext-pair.ts';
import { emptyReport } from './bitext-report.ts';
import { languageName, meansLanguage } from './language.ts';
import { type NumberedLine, readLines } from './lines.ts';

/** The two files of a Moses pair. */
export interface MosesFiles {
  readonly pivot: string;
  readonly target: string;
}

/**
 * The files that `prefix.{en,sw}` or `a.en|a.sw` names, or undefined when the text is one path. The pivot
 * comes first unless the endings say that it is the other way round.
 *
 * @example mosesFiles('corpus.{sw,en}', { language: 'sw', pivotLanguage: 'en' })
 * // { pivot: 'corpus.en', target: 'corpus.sw' }
 */
export function mosesFiles(
  spec: string,
  languages: Pick<BitextSettings, 'language' | 'pivotLanguage'>,
): MosesFiles | undefined {
  const braces = /^(.*)\{([^{},]+),([^{},]+)\}(.*)$/.exec(spec);
  const bar = spec.split('|').map((path) => path.trim());
  if (braces === null && (bar.length !== 2 || bar.includes(''))) return undefined;
  const [a, b] =
    braces === null ? bar : [braces[1] + braces[2] + braces[4], braces[1] + braces[3] + braces[4]];
  const [first, second] = braces === null ? bar.map(ending) : [braces[2], braces[3]];
  const swapped = meansLanguage(first, languages.language) && meansLanguage(second, languages.pivotLanguage);
  return swapped ? { pivot: b, target: a } : { pivot: a, target: b };
}

/** What follows the last dot of a file's name, `.gz` aside. */
function ending(path: string): string {
  return path.replace(/\.(gz|txt)$/i, '').replace(/^.*[./\\]/s, '');
}

/**
 * Reads a Moses pair; line i of one file translates line i of the other.
 *
 * Errors: those of `readLines`; `BITEXT_LENGTH` with both numbers of lines.
 *
 * @example await readBitextMoses({ pivot: 'a.en', target: 'a.sw' }, { language: 'sw', pivotLanguage: 'en', strict: false })
 */
export async function readBitextMoses(files: MosesFiles, settings: BitextSettings): Promise<Bitext> {
  const pivots = readLines(files.pivot);
  const targets = readLines(files.target);
  const source = sourceFromName(files.target).replace(/\.[^.]+$/, '');
  const pairs: BitextPair[] = [];
  try {
    for (;;) {
      const [pivot, target] = await Promise.all([pivots.next(), targets.next()]);
      if (pivot.done || target.done) {
        if (pivot.done && target.done) break;
        throw lengthError(files, await count(pivots, pivot), await count(targets, target));
      }
      pairs.push({
        pivot: pivot.value.text,
        target: target.value.text,
        language: settings.language,
        source,
        at: files.target,
        line: target.value.line,
      });
    }
  } finally {
    await Promise.all([pivots.return(undefined), targets.return(undefined)]); // closes both after an error
  }
  const layout = `line pairs: ${languageName(settings.pivotLanguage)} ${files.pivot}, ${languageName(settings.language)} ${files.target}`;
  const report = { ...emptyReport([files.pivot, files.target]), layout: [layout] };
  report.read = pairs.length;
  report.kept = pairs.length;
  return { pairs, report };

  /** Lines of a side in all, once `current` has been taken from it. */
  async function count(
    lines: AsyncGenerator<NumberedLine>,
    current: IteratorResult<NumberedLine>,
  ): Promise<number> {
    let total = pairs.length;
    for (let next = current; !next.done; next = await lines.next()) total++;
    return total;
  }
}

function lengthError(files: MosesFiles, pivots: number, targets: number): RefractError {
  return new RefractError(
    'BITEXT_LENGTH',
    `${files.pivot} has ${pivots} lines and ${files.target} has ${targets}`,
    {
      at: files.target,
      line: Math.min(pivots, targets) + 1,
      hint: 'Both sides need the same number of lines, sentence by sentence; look for an extra or missing line break.',
    },
  );
}
