/** The cell that fuses runs of other arms over a test set. */
import { writeDirectoryAtomic } from '../data/atomic.ts';
import { reciprocalRankFusion, weightedFusion } from '../search/fusion.ts';
import type { Cell } from './cell.ts';
import type { StudyContext } from './models.ts';
import { readRunOf, writeRunOf } from './run-files.ts';
import type { ArmSettings } from './study-schema.ts';

type Fusion = Extract<ArmSettings, { kind: 'fusion' }>;

/** Runs fused of `parts`, the `runs` cells of the arms in `fusion.of`, in their order. */
export function fusedRuns(
  { study, table }: StudyContext,
  { name, group, test }: { readonly name: string; readonly group: string; readonly test: string },
  { method, weights }: Fusion,
  parts: readonly Cell[],
  languages: readonly string[],
): Cell {
  const { depth } = study;
  return table.add({
    name: `runs-${name}-${test}`,
    kind: 'runs',
    group: `runs ${group} ${test}`,
    settings: { method, weights, depth, test, languages, of: parts.map(({ identity }) => identity) },
    data: {},
    needs: [...new Set(parts)],
    async make({ folder, folderOf }) {
      await writeDirectoryAtomic(folder, async (inside) => {
        for (const language of languages) {
          const runs = [];
          for (const part of parts) runs.push(await readRunOf(folderOf(part), language));
          const fuse = method === 'rrf' ? reciprocalRankFusion : weightedFusion;
          writeRunOf(inside, language, fuse(runs, { weights, depth }), name);
        }
      });
      return {};
    },
  });
}
