/** `refract demo`: the whole way on the embedded sample. */
import { join } from 'node:path';
import { languageName } from '../data/language.ts';
import { DEMO_LANGUAGES, DEMO_MEASURES, type DemoReport, runDemo } from '../demo.ts';
import { RefractError } from '../errors.ts';
import { formatTable } from '../eval/table.ts';
import { clock } from '../progress.ts';
import { type DeviceArguments, deviceFallbackOption, deviceOf, deviceOption } from './device.ts';
import type { CommandRegistration } from './io.ts';
import { example, progressOf, quietOption, threadsOption, wholeNumber } from './options.ts';

interface DemoArguments extends DeviceArguments {
  readonly out: string;
  readonly seed: number;
  readonly threads?: number;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** Adds `refract demo`. */
export const demoCommand: CommandRegistration = (program, io) => {
  program
    .command('demo')
    .description('train, distil, index, search and measure on the embedded sample, in a few minutes')
    .option('--out <folder>', 'where everything goes; an earlier demo there is replaced', 'demo-output')
    .option('--seed <number>', 'seed of every random draw', wholeNumber('--seed', 0), 1)
    .addOption(deviceOption())
    .addOption(deviceFallbackOption())
    .addOption(threadsOption())
    .option('--json', 'print figures and seconds as JSON')
    .addOption(quietOption())
    .addHelpText('after', example('refract demo'))
    .action(async (given: DemoArguments) => {
      const { out, seed, threads, json, quiet } = given;
      const device = await deviceOf(given, io);
      const start = performance.now();
      const report = await runDemo(out, {
        seed,
        device,
        threads,
        progress: progressOf(io, quiet),
        signal: io.signal,
        tell: (stage) => {
          if (quiet !== true) io.err(`${clock((performance.now() - start) / 1000)}  ${stage}\n`);
        },
      }).catch((error: unknown) => {
        if (!(error instanceof RefractError) || error.code !== 'INTERRUPTED') throw error;
        throw new RefractError('INTERRUPTED', error.what, {
          at: out,
          hint: 'The demo starts anew when it is run again.',
          cause: error,
        });
      });
      if (json === true) {
        const { figures, stages } = report;
        io.out(`${JSON.stringify({ out, figures, stages }, null, 2)}\n`);
      } else io.out(describeDemo(report, out));
    });
};

function describeDemo({ searches, figures, stages }: DemoReport, out: string): string {
  const lines: string[] = [];
  for (const language of DEMO_LANGUAGES) {
    lines.push(
      `${languageName(language)} questions, English passages (the first test questions, not chosen):`,
      '',
    );
    for (const { question, english, found, relevant } of searches.filter((s) => s.language === language)) {
      lines.push(`  ${question}`, `  (${english})`);
      for (const { rank, score, passage } of found)
        lines.push(
          `    ${rank}  ${score.toFixed(2)}  ${passage.title ?? passage.id}${relevant.includes(passage.id) ? '  <- answers it' : ''}`,
        );
      lines.push('');
    }
  }
  const rows = figures.map(({ language, system, values, questions }) => [
    languageName(language),
    system,
    ...DEMO_MEASURES.map((name) => values[name]),
    questions,
  ]);
  const table = formatTable(
    {
      columns: ['language', 'queries encoded by', ...DEMO_MEASURES, 'questions'],
      rows,
      counts: ['questions'],
    },
    'text',
  );
  const total = Object.values(stages).reduce((sum, seconds) => sum + seconds, 0);
  const times = Object.entries(stages).map(([name, seconds]) => `${name} ${clock(seconds)}`);
  return `${lines.join('\n')}
${table}
zero-shot: the English teacher reads the question in the new language; OPTICAL: the language pack reads it;
English oracle: the teacher reads the same question in English. The sample is small and written for this
demo: the figures show that the parts work together, not how good a method is.

Time: ${clock(total)} (${times.join(', ')})
Output: ${['teacher', 'packs', 'index', 'runs', 'demo.json'].map((name) => join(out, name)).join(', ')}
Try: refract search --index ${join(out, 'index')} --pack ${join(out, 'packs', 'sw')} "maji safi"
`;
}
