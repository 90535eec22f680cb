/** `refract qa-eval`: exact match and F1 of predicted answers. */
import { Option } from 'commander';
import { readGoldAnswers, readPredictions } from '../data/gold-answers.ts';
import { checkLanguage } from '../data/language.ts';
import { type AnswerRules, MLQA_LANGUAGES } from '../eval/answers/normalise.ts';
import { type GoldAnswers, scoreAnswers } from '../eval/answers/scores.ts';
import type { CommandRegistration } from './io.ts';
import { example, quietOption } from './options.ts';

interface QaEvalArguments {
  readonly rules: AnswerRules;
  readonly language: string;
  readonly perQuestion?: boolean;
  readonly quiet?: boolean;
}

/** Adds `refract qa-eval`. */
export const qaEvalCommand: CommandRegistration = (program, io) => {
  program
    .command('qa-eval')
    .description('exact match and F1 of predicted answers, as JSON')
    .argument('<gold>', 'questions: JSON lines with "id" and "answers", or SQuAD\'s layout')
    .argument('<predictions>', 'one JSON object from question id to text')
    .addOption(new Option('--rules <name>', 'whose rules').choices(['squad', 'mlqa']).default('squad'))
    .option('--language <code>', "language of the answers, for MLQA's rules", 'en')
    .option('--per-question', 'also print the scores of every question')
    .addOption(quietOption())
    .addHelpText(
      'after',
      example(`
        refract qa-eval --rules squad gold.jsonl predictions.json
        refract qa-eval --rules mlqa --language hi MLQA_V1/test/test-context-hi-question-hi.json predictions.json`),
    )
    .action(async (goldFile: string, predictionFile: string, given: QaEvalArguments) => {
      const language = checkLanguage(given.language);
      const gold: GoldAnswers[] = [];
      for await (const question of readGoldAnswers(goldFile)) gold.push(question);
      const scores = scoreAnswers(gold, await readPredictions(predictionFile), given.rules, language);
      io.out(
        `${JSON.stringify(
          {
            exact_match: scores.exactMatch,
            f1: scores.f1,
            questions: scores.questions,
            missing: scores.missing.length,
            unknown: scores.unknown.length,
            rules: given.rules,
            language,
            ...(given.perQuestion === true && {
              perQuestion: Object.fromEntries(
                [...scores.perQuestion].map(([id, { exactMatch, f1 }]) => [
                  id,
                  { exact_match: exactMatch, f1 },
                ]),
              ),
            }),
          },
          null,
          2,
        )}\n`,
      );
      if (given.quiet === true) return;
      if (scores.missing.length > 0)
        io.err(
          `${scores.missing.length} questions without a prediction, counted 0 (${scores.missing.slice(0, 3).join(', ')})\n`,
        );
      if (scores.unknown.length > 0)
        io.err(
          `${scores.unknown.length} predictions for unknown questions, left out (${scores.unknown.slice(0, 3).join(', ')})\n`,
        );
      if (given.rules === 'mlqa' && !MLQA_LANGUAGES.includes(language))
        io.err(`MLQA has no rules for ${language}: punctuation is dropped, articles are not.\n`);
    });
};
