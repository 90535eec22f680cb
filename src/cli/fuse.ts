/** `refract fuse`: makes one run of several. */
import { Option } from 'commander';
import { readRun, writeRun } from '../data/runs.ts';
import { RefractError } from '../errors.ts';
import { type Normalisation, reciprocalRankFusion, weightedFusion } from '../search/fusion.ts';
import type { CommandRegistration } from './io.ts';
import { example, notesOf, quietOption, wholeNumber } from './options.ts';

interface FuseArguments {
  readonly run: readonly string[];
  readonly out: string;
  readonly method: 'rrf' | 'weighted';
  readonly weights?: readonly string[];
  readonly normalise?: Normalisation;
  readonly rankConstant?: number;
  readonly top: number;
  readonly tag: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** Adds `refract fuse`. */
export const fuseCommand: CommandRegistration = (program, io) => {
  const methods: FuseArguments['method'][] = ['rrf', 'weighted'];
  const normalisations: Normalisation[] = ['min-max', 'z-score'];
  program
    .command('fuse')
    .description('fuse runs of the same queries into one, by rank or by score')
    .requiredOption('--run <file...>', 'runs: "query Q0 passage rank score tag"')
    .requiredOption('--out <file>', 'where the fused run goes')
    .addOption(
      new Option('--method <name>', 'rrf: reciprocal ranks; weighted: normalised scores')
        .choices(methods)
        .default('rrf'),
    )
    .option('--weights <number...>', 'weight of each run, in their order (default: 1 each)')
    .addOption(
      new Option('--normalise <name>', 'scores of the weighted method (default: min-max)').choices(
        normalisations,
      ),
    )
    .option(
      '--rank-constant <k>',
      'k of reciprocal ranks, 1 / (k + rank) (default: 60)',
      wholeNumber('--rank-constant', 0),
    )
    .option('-k, --top <count>', 'passages kept for each query', wholeNumber('-k'), 1000)
    .option('--tag <name>', 'name of the system in the run', 'fused')
    .option('--json', 'print what was written as JSON')
    .addOption(quietOption())
    .addHelpText(
      'after',
      example(`
        refract fuse --run bm25.run pack.run --out hybrid.run
        refract fuse --run bm25.run pack.run --method weighted --weights 0.3 0.7 --out hybrid.run`),
    )
    .action(async ({ run: files, out, method, top, tag, ...given }: FuseArguments) => {
      checkIdle(method, given);
      const runs = [];
      for (const file of files) runs.push(await readRun(file, notesOf(io, given.quiet)));
      const options = { weights: given.weights?.map(weight), depth: top };
      const fused =
        method === 'rrf'
          ? reciprocalRankFusion(runs, { ...options, k: given.rankConstant })
          : weightedFusion(runs, { ...options, normalisation: given.normalise });
      writeRun(out, fused, tag);
      const queries = new Set(fused.map(({ query }) => query)).size;
      io.out(
        given.json === true
          ? `${JSON.stringify({ run: out, tag, queries, entries: fused.length }, null, 2)}\n`
          : `${out}: ${queries} queries, ${fused.length} lines from ${files.length} runs\n`,
      );
    });
};

/** Refuses an option that the method does not use. */
function checkIdle(
  method: FuseArguments['method'],
  { normalise, rankConstant }: Pick<FuseArguments, 'normalise' | 'rankConstant'>,
): void {
  const idle =
    method === 'rrf' ? normalise && '--normalise' : rankConstant !== undefined && '--rank-constant';
  if (!idle) return;
  throw new RefractError('SETTING_INVALID', `${idle} means nothing for --method ${method}`, {
    hint: `Leave it out, or say --method ${method === 'rrf' ? 'weighted' : 'rrf'}.`,
  });
}

function weight(text: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (value >= 0 && Number.isFinite(value)) return value;
  throw new RefractError('SETTING_INVALID', `the weight "${text}" is not a number of at least 0`, {
    hint: 'Write for example --weights 0.3 0.7.',
  });
}
