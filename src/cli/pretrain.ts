/** `refract pretrain`: masked-language-model pretraining on plain text. */
import { Option } from 'commander';
import { RefractError } from '../errors.ts';
import { describeSize, SIZES, type Size } from '../model/config.ts';
import { loadTokenizer } from '../text/tokenizer.ts';
import { pretrain } from '../train/pretrain.ts';
import { pretrainDefaults, pretrainSchema } from '../train/pretrain-settings.ts';
import type { CommandRegistration } from './io.ts';
import { BASE_ARGUMENT, localFolders, readBase } from './model-folder.ts';
import { example } from './options.ts';
import { readTexts } from './text-files.ts';
import {
  addTrainingOptions,
  checkModelPlace,
  collect,
  controlOf,
  describeReport,
  fileList,
  sizedSettings,
  type TrainingArguments,
} from './training.ts';

interface PretrainArguments extends TrainingArguments {
  readonly text: readonly string[];
  readonly size?: Size;
  readonly tokenizer?: string;
  readonly base?: string;
}

/** Adds `refract pretrain`. */
export const pretrainCommand: CommandRegistration = (program, io) => {
  const command = program
    .command('pretrain')
    .description('learn a language from plain text, as a start for a teacher')
    .requiredOption('--text <file,...>', 'text, a sentence or paragraph a line; may be repeated', collect)
    .requiredOption('--out <folder>', 'where the encoder goes')
    .addOption(new Option('--size <name>', 'size of the encoder (default: mini)').choices(Object.keys(SIZES)))
    .option('--tokenizer <model>', 'use the tokenizer of this model, or this tokenizer.json')
    .option(BASE_ARGUMENT, 'continue from this encoder, a folder or org/name on the hub, with its tokenizer');
  addTrainingOptions(command)
    .addHelpText(
      'after',
      example(`
        refract pretrain --text english.txt,swahili.txt.gz --out models/pretrained
        refract teach --base models/pretrained --passages passages.jsonl --queries queries.jsonl --qrels qrels.txt --out models/teacher`),
    )
    .action(async (given: PretrainArguments) => {
      const { base: model, tokenizer, size, out } = given;
      const clash =
        model === undefined ? undefined : tokenizer !== undefined ? '--tokenizer' : size && '--size';
      if (clash !== undefined)
        throw new RefractError('SETTING_INVALID', `${clash} and --base exclude each other`, {
          hint: 'A base model brings its size and its tokenizer: leave one of the two out.',
        });
      const settings = await sizedSettings(pretrainSchema, pretrainDefaults, 'mini', given);
      checkModelPlace(out, given, io);
      const base = model === undefined ? undefined : await readBase(model, io, given);
      const { tokenizer: words } = await localFolders({ tokenizer }, io, given);
      const { checkpoint, report } = await pretrain(
        {
          texts: await readTexts(fileList(given.text)),
          base,
          tokenizerJson: words === undefined ? undefined : { ...loadTokenizer(words).json },
        },
        settings,
        out,
        await controlOf(given, io),
      );
      const { vocabSize, numHiddenLayers, hiddenSize } = checkpoint.config;
      const { best } = report;
      if (given.json === true) {
        const result = { out, vocabSize, numHiddenLayers, hiddenSize, base: base?.source, report, settings };
        io.out(`${JSON.stringify(result, null, 2)}\n`);
        return;
      }
      io.out(
        `${out}: an encoder of ${describeSize(checkpoint.config)}, ${vocabSize} tokens\n  ${describeReport(report, 'log-likelihood')}${best ? ` (perplexity ${Math.exp(-best.value).toFixed(1)})` : ''}\n`,
      );
      if (given.quiet !== true) io.err(`Next: refract teach --base ${out} ...\n`);
    });
};
