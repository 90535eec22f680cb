/** `refract switch`: code switching of queries or passages. */
import { Option } from 'commander';
import { writeFileAtomic } from '../data/atomic.ts';
import { readJsonLines } from '../data/json-lines.ts';
import { checkLanguage } from '../data/language.ts';
import { DIRECTION_SAMPLE } from '../data/lexicon-notes.ts';
import type { SwitchReport } from '../data/switching/report.ts';
import type { SwitchSettings } from '../data/switching/settings.ts';
import { switchFile } from '../data/switching/switch-file.ts';
import { SwitchLexicon } from '../data/switching/switch-lexicon.ts';
import { RefractError } from '../errors.ts';
import type { CommandRegistration } from './io.ts';
import { readLexicons } from './lexicon-files.ts';
import { example, progressOf, quietOption, share, wholeNumber } from './options.ts';
import { switchTable } from './switch-table.ts';
import { collect } from './training.ts';

interface SwitchArguments
  extends Pick<SwitchSettings, 'design' | 'draw' | 'translation' | 'seed' | 'p' | 'rho'> {
  readonly queries?: string;
  readonly passages?: string;
  readonly lexicon: readonly string[];
  readonly low?: string;
  readonly out: string;
  readonly report?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** Adds `refract switch`. */
export const switchCommand: CommandRegistration = (program, io) => {
  program
    .command('switch')
    .description('replace words of English texts by their translations (code switching)')
    .option('--queries <file>', 'JSON lines with id and text')
    .option('--passages <file>', 'JSON lines with id, text and optionally title')
    .requiredOption(
      '--lexicon <lang=file,...>',
      'dictionaries of word, translation: sw=a.tsv,so=b.tsv; may be repeated',
      collect,
    )
    .option('--low <code,...>', 'which of the languages are low-resource')
    .option('--p <share>', 'p, the share of words to switch', share('--p'), 0.5)
    .option(
      '--rho <share>',
      'rho, the share of switches (with --draw query: of texts) for low-resource languages (default: their share of the languages)',
      share('--rho'),
    )
    .addOption(
      new Option('--design <name>', 'natural: by chance, unknown words stay; matched: by exact quotas')
        .choices(['natural', 'matched'])
        .default('natural'),
    )
    .addOption(
      new Option('--draw <unit>', 'what draws a language: each token or each query (or passage)')
        .choices(['token', 'query'])
        .default('token'),
    )
    .addOption(
      new Option('--translation <which>', 'the best translation, or one drawn evenly')
        .choices(['best', 'uniform'])
        .default('best'),
    )
    .option('--seed <number>', 'seed of every draw', wholeNumber('--seed', 0), 1)
    .requiredOption('--out <file>', 'where the switched records go, as JSON lines')
    .option('--report <file>', 'where the account of asked and realised shares goes, as JSON')
    .option('--json', 'print the account as JSON')
    .addOption(quietOption())
    .addHelpText(
      'after',
      example(`
        refract switch --queries queries.jsonl --lexicon sw=en-sw.tsv --p 0.5 --out switched.jsonl
        refract switch --queries queries.jsonl --lexicon sw=en-sw.tsv,so=en-so.tsv,fr=en-fr.tsv --low sw,so --rho 0.25 --design matched --out switched.jsonl --report report.json`),
    )
    .action(async (given: SwitchArguments) => {
      const [path, records] = input(given);
      const tell = given.quiet === true ? () => {} : io.err;
      const lexicons = await readLexicons(given.lexicon, await sample(path), tell);
      const { p, rho, design, draw, translation, seed } = given;
      const low = given.low?.split(',').map((code) => checkLanguage(code));
      const report = await switchFile(
        path,
        records,
        given.out,
        new SwitchLexicon(lexicons),
        { p, ...(rho !== undefined && { rho }), ...(low && { low }), design, draw, translation, seed },
        { progress: progressOf(io, given.quiet), signal: io.signal },
      );
      const json = `${JSON.stringify(report, null, 2)}\n`;
      if (given.report !== undefined) writeFileAtomic(given.report, json);
      io.out(given.json === true ? json : switchTable(report));
      tell(shortfall(report));
    });
};

function input({ queries, passages }: SwitchArguments): [string, 'queries' | 'passages'] {
  if (queries !== undefined && passages === undefined) return [queries, 'queries'];
  if (passages !== undefined && queries === undefined) return [passages, 'passages'];
  throw new RefractError('SETTING_INVALID', 'one of --queries and --passages must be given', {
    hint: 'Write for example --queries queries.jsonl.',
  });
}

/** The texts of the first records, as far as they have any. */
async function sample(path: string): Promise<string[]> {
  const texts: string[] = [];
  for await (const { fields } of readJsonLines(path)) {
    if (typeof fields.text === 'string') texts.push(fields.text);
    if (texts.length === DIRECTION_SAMPLE) break;
  }
  return texts;
}

/** Says which quotas could not be met; empty when all were. */
function shortfall({ matched, languages, settings }: SwitchReport): string {
  if (matched === undefined || matched.feasible) return '';
  const short = Object.entries(languages).filter(([, { short: missing = 0 }]) => missing > 0);
  const list = short.map(([code, each]) => `${code} ${each.short} of ${each.quota}`).join(', ');
  const largest = Math.floor(1e4 * matched.largestP) / 1e4;
  return `The lexicons do not know enough words for --p ${settings.p}; words missing: ${list}. With these languages and rho the quotas can be met up to --p ${largest}.\n`;
}
