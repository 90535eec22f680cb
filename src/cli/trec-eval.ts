/** `refract trec-eval`: trec_eval's arguments in, trec_eval's output out. */
import { readJudgments } from '../data/judgments.ts';
import { readLines } from '../data/lines.ts';
import { readRunTable } from '../data/run-table.ts';
import { judgmentTable } from '../eval/ranking.ts';
import { rankTable } from '../eval/ranking-table.ts';
import { trecEval } from '../eval/trec-eval/trec-eval.ts';
import { parseZScores, type ZScores } from '../eval/trec-eval/z-scores.ts';
import type { CommandRegistration } from './io.ts';
import { example } from './options.ts';
import { readTrecArguments, TREC_OPTIONS_HELP } from './trec-eval-arguments.ts';

/** Adds `refract trec-eval`. */
export const trecEvalCommand: CommandRegistration = (program, io) => {
  program
    .command('trec-eval')
    .description("evaluate a run with trec_eval's arguments and trec_eval's output")
    .argument('[arguments...]', "trec_eval's options, then the judgments and the run")
    .allowUnknownOption()
    .usage('[options] QRELS RUN')
    .addHelpText('after', `\ntrec_eval's options:\n${TREC_OPTIONS_HELP}`)
    .addHelpText(
      'after',
      example(`
        refract trec-eval -c -M1000 qrels.txt system.run
        refract trec-eval -q -m map -m P.5,10 -m ndcg_cut.10 qrels.txt system.run`),
    )
    .action(async (words: readonly string[]) => {
      const { qrels, run, zScores, ...settings } = readTrecArguments(words);
      const judgments = judgmentTable(await readJudgments(qrels));
      const ranked = rankTable(await readRunTable(run));
      io.out(
        trecEval(judgments, ranked, {
          ...settings,
          zScores: zScores === undefined ? undefined : await readZScores(zScores),
        }),
      );
      const unjudged = ranked.queries.filter((query) => !judgments.has(query));
      if (unjudged.length > 0)
        io.err(
          `${unjudged.length} queries of the run without judgments, left out (${unjudged.slice(0, 3).join(', ')})\n`,
        );
    });
};

async function readZScores(path: string): Promise<ZScores> {
  const lines: string[] = [];
  for await (const { text } of readLines(path)) lines.push(text);
  return parseZScores(lines, path);
}
