/** `refract explain`: shows which passage token answers each query token. */
import { writeFileAtomic } from '../data/atomic.ts';
import { alignmentHtml } from '../search/explain-html.ts';
import { alignmentSvg } from '../search/explain-svg.ts';
import { alignmentTable } from '../search/explain-table.ts';
import { isolated, printable } from '../search/explain-text.ts';
import { type Explanation, explainPassage } from '../search/explanation.ts';
import { openSearcher } from '../search/open-searcher.ts';
import type { SearcherOptions } from '../search/searcher.ts';
import { type DeviceArguments, deviceFallbackOption, deviceOf, deviceOption, fallbackOf } from './device.ts';
import { DEFAULT_COLUMNS, wrapped } from './hits.ts';
import type { CommandRegistration } from './io.ts';
import { localFolders } from './model-folder.ts';
import { example, threadsOption } from './options.ts';

interface ExplainArguments extends Omit<SearcherOptions, 'device'>, DeviceArguments {
  readonly index: string;
  readonly passage: string;
  readonly plan?: boolean;
  readonly html?: string;
  readonly svg?: string;
  readonly all?: boolean;
  readonly json?: boolean;
}

/** Lines of the passage that are printed above the table. */
const PASSAGE_LINES = 4;

/** Adds `refract explain`. */
export const explainCommand: CommandRegistration = (program, io) => {
  program
    .command('explain')
    .description('show how the tokens of a query and of a passage meet')
    .argument('<words...>', 'the query')
    .requiredOption('--index <folder>', 'the index, as refract index wrote it')
    .requiredOption('--passage <id>', 'id of the passage')
    .option('--pack <model>', 'language pack that encodes the query (default: the teacher of the index)')
    .option('--teacher <model>', 'where the teacher lies, when the index holds no copy and it has moved')
    .option('--plan', 'also show the optimal transport between the tokens')
    .option('--html <file>', 'write a page with a heatmap that needs nothing from outside')
    .option('--svg <file>', 'write the heatmap alone')
    .option('--all', 'show every token of the passage in the heatmap, not only matches and their neighbours')
    .addOption(deviceOption())
    .addOption(deviceFallbackOption())
    .addOption(threadsOption())
    .option('--json', 'print the alignment as JSON')
    .addHelpText(
      'after',
      example(
        'refract explain --index index --pack packs/sw --passage p17 --html why.html "dalili za malaria"',
      ),
    )
    .action(async (words: string[], given: ExplainArguments) => {
      const { threads, plan, all } = given;
      const { pack, teacher } = await localFolders({ pack: given.pack, teacher: given.teacher }, io, given);
      const device = await deviceOf(given, io);
      const searcher = await openSearcher(given.index, {
        pack,
        teacher,
        device,
        threads,
        fallback: fallbackOf(given, io),
      });
      let explanation: Explanation;
      try {
        explanation = await explainPassage(searcher, words.join(' '), given.passage, { plan });
      } finally {
        await searcher.close();
      }
      const { alignment, labels, passage, query } = explanation;
      if (given.html !== undefined)
        writeFileAtomic(given.html, alignmentHtml(alignment, labels, { query, passage, all }));
      if (given.svg !== undefined)
        writeFileAtomic(given.svg, `${alignmentSvg(alignment, labels, { all })}\n`);
      io.out(given.json === true ? asJson(explanation) : asText(explanation, io.columns ?? DEFAULT_COLUMNS));
      if (given.json === true) return;
      for (const file of [given.html, given.svg]) if (file !== undefined) io.out(`written: ${file}\n`);
    });
};

function asText({ query, passage, alignment, labels }: Explanation, columns: number): string {
  const name = [passage.id, passage.title ?? ''].filter((text) => text !== '').map(printable);
  return [
    `query    ${isolated(printable(query))}`,
    `passage  ${name.map(isolated).join('  ')}`,
    ...wrapped(passage.text, columns, PASSAGE_LINES).map(isolated),
    '',
    alignmentTable(alignment, labels),
  ].join('\n');
}

function asJson({ query, passage, alignment, labels }: Explanation): string {
  const { m, n, similarity, best, plan, score } = alignment;
  const rows = (matrix: Float64Array) =>
    Array.from({ length: m }, (_, i) => [...matrix.subarray(i * n, (i + 1) * n)]);
  const result = {
    query,
    passage,
    score,
    queryTokens: labels.query,
    passageTokens: labels.passage,
    best: [...best],
    similarity: rows(similarity),
    ...(plan && { plan: rows(plan) }),
  };
  return `${JSON.stringify(result)}\n`;
}
