/** The cell that mines hard negatives once for all students of code-switched questions. */
import { join } from 'node:path';
import { z } from 'zod';
import { writeDirectoryAtomic, writePiecesAtomic } from '../data/atomic.ts';
import { readLines } from '../data/lines.ts';
import { Bm25Index, mineHardNegatives } from '../lexical/index.ts';
import type { Cell } from './cell.ts';
import type { StudyContext } from './models.ts';

/** The file of a `negatives` cell: a line `{"query": id, "negatives": [passage ids]}` for each question. */
const NEGATIVES_FILE = 'negatives.jsonl';
const lineSchema = z.strictObject({ query: z.string(), negatives: z.array(z.string()) });

/** Hard negatives of the training questions, from the first `depth` ranks of BM25. */
export function negativesCell({ study, files, table }: StudyContext, depth: number): Cell {
  const { passages, queries, judgments } = study.train;
  return table.add({
    name: `negatives-${depth}`,
    kind: 'negatives',
    group: `negatives ${depth}`,
    settings: { depth },
    data: files.hash([passages, queries, judgments]),
    needs: [],
    async make({ folder, control: { resume: _, ...control } }) {
      const collection = await files.passages(passages);
      const questions = await files.queries(queries);
      const index = await Bm25Index.create(collection, {}, control);
      const options = { depth, passages: collection };
      const known = await files.judgments(judgments);
      const { negatives } = await mineHardNegatives(index, questions, known, options, control);
      await writeDirectoryAtomic(folder, async (inside) =>
        writePiecesAtomic(
          join(inside, NEGATIVES_FILE),
          questions.map(
            ({ id }, q) =>
              `${JSON.stringify({ query: id, negatives: Array.from(negatives[q], (p) => index.ids[p]) })}\n`,
          ),
        ),
      );
      return {};
    },
  });
}

/** The negatives in the folder of a `negatives` cell: ids of passages by question, hardest first. */
export async function readNegatives(folder: string): Promise<Map<string, readonly string[]>> {
  const negatives = new Map<string, readonly string[]>();
  for await (const { text } of readLines(join(folder, NEGATIVES_FILE))) {
    const line = lineSchema.parse(JSON.parse(text));
    negatives.set(line.query, line.negatives);
  }
  return negatives;
}
