/** `refract models`: fetching models from the hub by name, and what the cache holds of them. */
import { Argument } from 'commander';
import { RefractError } from '../errors.ts';
import { cachedModels } from '../model/hub/cached-models.ts';
import { fetchHubModel } from '../model/hub/fetch-model.ts';
import { hubSettings } from '../model/hub/hub-settings.ts';
import { parseHubName } from '../model/hub/model-name.ts';
import type { CommandIo, CommandRegistration } from './io.ts';
import { describeFetched, megabytes } from './model-folder.ts';
import { example, notesOf, progressOf, quietOption } from './options.ts';

interface ModelsArguments {
  readonly revision?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** Adds `refract models`. */
export const modelsCommand: CommandRegistration = (program, io) => {
  program
    .command('models')
    .description('models of the Hugging Face hub: get them by name, list those in the cache')
    .addArgument(new Argument('<action>', 'what to do').choices(['get', 'list']))
    .argument('[name]', 'get: the model, as org/name or org/name@revision')
    .option('--revision <name>', 'get: a branch, a tag or a commit (default: main)')
    .option('--json', 'print the result as JSON')
    .addOption(quietOption())
    .addHelpText(
      'after',
      example(`
        refract models get google-bert/bert-base-multilingual-cased
        refract models list
        refract teach --base google-bert/bert-base-multilingual-cased --passages passages.jsonl --queries queries.jsonl --qrels qrels.txt --out models/teacher`),
    )
    .action((action: 'get' | 'list', name: string | undefined, given: ModelsArguments) =>
      action === 'list' ? list(io, given) : get(io, name, given),
    );
};

async function get(io: CommandIo, name: string | undefined, given: ModelsArguments): Promise<void> {
  const model = name === undefined ? undefined : parseHubName(name, given.revision);
  if (model === undefined)
    throw new RefractError(
      'SETTING_INVALID',
      name === undefined ? 'models get needs a name' : `"${name}" is no name of a model on the hub`,
      { hint: 'For example: refract models get google-bert/bert-base-multilingual-cased' },
    );
  const fetched = await fetchHubModel(model, {
    progress: progressOf(io, given.quiet),
    signal: io.signal,
    note: notesOf(io, given.quiet),
  });
  io.out(
    given.json === true
      ? `${JSON.stringify(fetched, null, 2)}\n`
      : `${describeFetched(fetched)}\n${fetched.folder}\n`,
  );
}

async function list(io: CommandIo, { json, quiet }: ModelsArguments): Promise<void> {
  const { cache } = hubSettings();
  const { models, unfinished } = await cachedModels(cache);
  if (json === true) {
    io.out(`${JSON.stringify({ cache, models, unfinished }, null, 2)}\n`);
    return;
  }
  for (const { name, commit, revisions, bytes, files, whole } of models)
    io.out(
      `${[name, commit, megabytes(bytes), `${files} files`, revisions.join(' ')].join('\t')}${whole === false ? '\tin part' : ''}\n`,
    );
  for (const { name, bytes } of unfinished) io.out(`${name}\tunfinished\t${megabytes(bytes)}\n`);
  if (models.length + unfinished.length === 0 && quiet !== true) io.err(`${cache} holds no models\n`);
}
