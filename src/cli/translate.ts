/** `refract translate`: queries in another language with a sequence-to-sequence model of the user's. */
import { writePiecesAtomic } from '../data/atomic.ts';
import { readQueries } from '../data/queries.ts';
import { RefractError } from '../errors.ts';
import { Translator } from '../translate/translator.ts';
import { type DeviceArguments, deviceFallbackOption, deviceOf, deviceOption } from './device.ts';
import type { CommandRegistration } from './io.ts';
import { example, progressOf, quietOption, threadsOption, wholeNumber } from './options.ts';

interface TranslateArguments extends DeviceArguments {
  readonly model: string;
  readonly queries?: string;
  readonly textField?: string;
  readonly out?: string;
  readonly beams?: number;
  readonly lengthPenalty?: number;
  readonly maxLength?: number;
  readonly sourceToken?: string;
  readonly targetToken?: string;
  readonly prefix?: string;
  readonly batch: number;
  readonly threads?: number;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** Adds `refract translate`. */
export const translateCommand: CommandRegistration = (program, io) => {
  program
    .command('translate')
    .description(
      'translate queries with an ONNX sequence-to-sequence model, such as Marian, M2M-100, NLLB or T5',
    )
    .argument('[words...]', 'what to translate')
    .requiredOption('--model <folder>', 'encoder_model.onnx, decoder_model.onnx, config.json, tokenizer.json')
    .option('--queries <file>', 'queries as JSON lines with id and text, or TSV; needs --out')
    .option('--text-field <name>', 'field of the queries file that holds the words (default: text)')
    .option('--out <file>', 'where the translated queries go, as JSON lines')
    .option(
      '--beams <count>',
      'texts kept at each step; 1 is greedy search (default: as the model says)',
      wholeNumber('--beams'),
    )
    .option('--length-penalty <number>', 'over 0 long texts gain (default: as the model says)', aNumber)
    .option(
      '--max-length <tokens>',
      'longest translation (default: as the model says)',
      wholeNumber('--max-length', 2),
    )
    .option('--source-token <token>', 'code of the language of the queries, as the model spells it: swh_Latn')
    .option('--target-token <token>', 'code of the language to write: eng_Latn')
    .option('--prefix <words>', 'words before every text, as T5 wants them')
    .option('--batch <count>', 'texts translated at once', wholeNumber('--batch'), 16)
    .addOption(deviceOption())
    .addOption(deviceFallbackOption())
    .addOption(threadsOption())
    .option('--json', 'print the result as JSON')
    .addOption(quietOption())
    .addHelpText(
      'after',
      example(`
        refract translate --model models/opus-mt-swc-en --queries queries.sw.jsonl --out queries.en.jsonl
        refract translate --model models/nllb --source-token swh_Latn --target-token eng_Latn "maji safi"`),
    )
    .action(async (words: string[], given: TranslateArguments) => {
      const {
        model,
        out,
        queries: file,
        device: _,
        deviceFallback,
        threads,
        quiet,
        json,
        textField,
        ...options
      } = given;
      checkUse(words, given);
      const queries =
        file === undefined ? [{ id: '1', text: words.join(' ') }] : await readQueries(file, { textField });
      const device = await deviceOf(given, io);
      const translator = await Translator.load(model, { device, threads });
      try {
        if (translator.notFollowed.length > 0 && quiet !== true)
          io.err(`The model asks for ${translator.notFollowed.join(', ')}, which is not followed.\n`);
        const results = await translator.translate(
          queries.map(({ text }) => text),
          options,
          { progress: progressOf(io, quiet), signal: io.signal },
        );
        const cut = results.filter((each) => each.cut).length;
        if (cut > 0 && quiet !== true)
          io.err(`${cut} of ${results.length} texts were too long for the model and cut.\n`);
        const empty = results.filter(({ text }) => text === '').length;
        if (out === undefined) {
          const [{ text, score }] = results;
          io.out(
            json === true
              ? `${JSON.stringify({ source: queries[0].text, text, score }, null, 2)}\n`
              : `${text}\n`,
          );
          return;
        }
        // A query without words would be refused where it is read: it keeps its own.
        const lines = queries.map(({ language: _, ...query }, i) =>
          JSON.stringify({
            ...query,
            text: results[i].text || query.text,
            source: query.text,
            score: results[i].score,
          }),
        );
        writePiecesAtomic(
          out,
          lines.map((line) => `${line}\n`),
        );
        if (empty > 0 && quiet !== true)
          io.err(`${empty} translations are empty; these queries keep their words.\n`);
        io.out(
          json === true
            ? `${JSON.stringify({ queries: out, count: lines.length, cut, empty }, null, 2)}\n`
            : `${out}: ${lines.length} queries\n`,
        );
      } finally {
        await translator.close();
      }
    });
};

function checkUse(words: readonly string[], { queries, out, textField }: TranslateArguments): void {
  const refuse = (what: string, hint: string) => new RefractError('SETTING_INVALID', what, { hint });
  if (words.length > 0 && queries !== undefined)
    throw refuse('words and --queries were both given', 'Give one of them.');
  if (words.length > 0 && (out !== undefined || textField !== undefined))
    throw refuse(`--${out === undefined ? 'text-field' : 'out'} means nothing for words`, 'Leave it out.');
  if (words.length === 0 && (queries === undefined || out === undefined))
    throw refuse(
      queries === undefined ? 'nothing to translate' : 'no place for the translations',
      'Give words in quotes, or --queries FILE together with --out FILE.',
    );
}

function aNumber(text: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (Number.isFinite(value)) return value;
  throw new RefractError('SETTING_INVALID', `--length-penalty "${text}" is not a number`, {
    hint: 'Write for example --length-penalty 1.',
  });
}
