/** trec_eval's own arguments: short letters that may be joined (`-qc`, `-M100`), long names with underscores. */
import { RefractError } from '../errors.ts';

/** What the arguments ask for. */
export interface TrecEvalArguments {
  readonly qrels: string;
  readonly run: string;
  readonly measures?: readonly string[];
  readonly perQuery: boolean;
  readonly complete: boolean;
  readonly noSummary: boolean;
  readonly judgedOnly: boolean;
  readonly relevance?: number;
  readonly depth?: number;
  readonly collection?: number;
  readonly zScores?: string;
}

/** Letters and long names of the options, and what their value is. */
const OPTIONS = [
  { letter: 'q', long: 'query_eval_wanted', value: 'none', help: 'also print the values of each query' },
  {
    letter: 'm',
    long: 'measure',
    value: 'text',
    help: 'a measure or a set of them: official (default), set, all_trec, map, P.5,10, ...',
  },
  {
    letter: 'c',
    long: 'complete_rel_info_wanted',
    value: 'none',
    help: 'average over all judged queries; one without results counts 0',
  },
  { letter: 'n', long: 'nosummary', value: 'none', help: 'no line "all"' },
  {
    letter: 'l',
    long: 'level_for_rel',
    value: 'integer',
    help: 'the lowest grade that counts as relevant (default 1)',
  },
  {
    letter: 'M',
    long: 'Max_retrieved_per_topic',
    value: 'whole',
    help: 'passages of a query to look at (default all)',
  },
  {
    letter: 'N',
    long: 'Number_docs_in_coll',
    value: 'whole',
    help: 'passages in the collection, for utility',
  },
  { letter: 'J', long: 'Judged_docs_only', value: 'none', help: 'take passages without judgment out first' },
  {
    letter: 'Z',
    long: 'Zscore',
    value: 'text',
    help: 'print z-scores against the means and deviations of this file',
  },
  { letter: 'R', long: 'Rel_info_format', value: 'text', help: 'format of the judgments; only qrels' },
  { letter: 'T', long: 'Results_format', value: 'text', help: 'format of the run; only trec_results' },
] as const;

type Letter = (typeof OPTIONS)[number]['letter'];

/** A table of the options, for `--help`. */
export const TREC_OPTIONS_HELP = OPTIONS.map(
  ({ letter, long, value, help }) =>
    `  -${letter}, --${long}${value === 'none' ? '' : ` <${value}>`}  ${help}`,
).join('\n');

/**
 * Reads the arguments.
 *
 * Errors: `SETTING_UNKNOWN` (an option), `SETTING_INVALID` (a value; not exactly two files).
 *
 * @example readTrecArguments(['-qc', '-mmap', '-M100', 'qrels', 'run']).depth // 100
 */
export function readTrecArguments(given: readonly string[]): TrecEvalArguments {
  const values = new Map<Letter, string[]>();
  const files: string[] = [];
  const rest = [...given];
  const keep = (letter: Letter, value: string) => values.set(letter, [...(values.get(letter) ?? []), value]);
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === '--') files.push(...rest.splice(0));
    else if (word.startsWith('--')) {
      const [name, attached] = splitOnce(word.slice(2), '=');
      const option = OPTIONS.find(({ long }) => long === name);
      if (option === undefined) throw unknownOption(`--${name}`);
      keep(option.letter, option.value === 'none' ? '' : (attached ?? needed(rest.shift(), word)));
    } else if (word.startsWith('-') && word.length > 1) {
      for (let letters = word.slice(1); letters !== ''; ) {
        const option = OPTIONS.find(({ letter }) => letter === letters[0]);
        if (option === undefined) throw unknownOption(`-${letters[0]}`);
        letters = letters.slice(1);
        if (option.value === 'none') keep(option.letter, '');
        else {
          keep(option.letter, letters === '' ? needed(rest.shift(), `-${option.letter}`) : letters);
          letters = '';
        }
      }
    } else files.push(word);
  }
  if (files.length !== 2)
    throw new RefractError('SETTING_INVALID', `${files.length} files where trec_eval takes two`, {
      hint: 'Name the judgments, then the run: refract trec-eval -m map qrels.txt system.run.',
    });
  onlyFormat(values.get('R'), 'qrels');
  onlyFormat(values.get('T'), 'trec_results');
  return {
    qrels: files[0],
    run: files[1],
    measures: values.get('m'),
    perQuery: values.has('q'),
    complete: values.has('c'),
    noSummary: values.has('n'),
    judgedOnly: values.has('J'),
    relevance: integer(values.get('l')?.at(-1), '-l'),
    depth: integer(values.get('M')?.at(-1), '-M', 1),
    collection: integer(values.get('N')?.at(-1), '-N', 1),
    zScores: values.get('Z')?.at(-1),
  };
}

function integer(
  text: string | undefined,
  option: string,
  least = Number.MIN_SAFE_INTEGER,
): number | undefined {
  if (text === undefined) return undefined;
  const value = /^[+-]?\d+$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw new RefractError(
    'SETTING_INVALID',
    `${option} "${text}" is not a whole number${least === 1 ? ' of at least 1' : ''}`,
    {
      hint: `Write for example ${option} 2.`,
    },
  );
}

function onlyFormat(given: readonly string[] = [], known: string): void {
  const other = given.find((format) => format !== known);
  if (other !== undefined)
    throw new RefractError('SETTING_INVALID', `the format ${other} is not read`, {
      hint: `Only ${known} is; preference judgments and judgment groups need trec_eval itself.`,
    });
}

function needed(value: string | undefined, option: string): string {
  if (value !== undefined) return value;
  throw new RefractError('SETTING_INVALID', `${option} lacks its value`, {
    hint: 'See refract trec-eval --help.',
  });
}

function unknownOption(option: string): RefractError {
  return new RefractError('SETTING_UNKNOWN', `trec_eval has no option ${option}`, {
    hint: `Options: ${OPTIONS.map(({ letter }) => `-${letter}`).join(' ')}; see refract trec-eval --help.`,
  });
}

function splitOnce(text: string, mark: string): [string, string | undefined] {
  const at = text.indexOf(mark);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}
