/**
 * A student's head start, without a gradient: IBM Model 1 says which tokens are translations of each other,
 * and the word vectors take these meanings (`align-words.ts`). Then, as often as asked, transport plans
 * between the teacher and the student so far correct the translations (`transport-words.ts`), and the word
 * vectors are moved again. Where there is a dev measure, a correction that lowers it is taken back.
 */
import type { TranslationTable } from '../lexical/ibm-model1.ts';
import type { FloatTensor } from '../model/safetensors.ts';
import type { StageControl } from '../stage.ts';
import { takeMeanings } from './align-words.ts';
import type { Alignment } from './alignment.ts';
import type { DistillData } from './distill-batches.ts';
import type { DistillSettings } from './distill-settings.ts';
import { mixTranslations, type PlanSource, transportTranslations } from './transport-words.ts';

/** What word vectors are moved by: how the data use and translate tokens, and where second vectors lie. */
export interface HeadStartWords extends Alignment {
  /** The row of each token's second vector, [V]; without it the teacher's vectors are moved themselves. */
  readonly rows?: Int32Array;
}

/**
 * Moves rows of the student's word table, whose first V are the teacher's `teacherRows` [V, H]. The student's
 * encoder in `plans` must read this very table. `measure`, where given, is the dev measure of the student as it
 * stands.
 *
 * @throws RefractError `INTERRUPTED` when `control.signal` is aborted
 */
export async function giveHeadStart(
  table: FloatTensor,
  teacherRows: Float32Array,
  { translations, use, rows }: HeadStartWords,
  plans: PlanSource,
  { pairs, dictionaries }: Pick<DistillData, 'pairs' | 'dictionaries'>,
  { align }: DistillSettings,
  control: StageControl,
  measure?: () => Promise<number>,
): Promise<void> {
  if (align.iterations === 0 && align.rounds === 0) return;
  const { protection } = align;
  const take = (meanings: TranslationTable, what: string) => {
    const moved = takeMeanings(table, teacherRows, meanings, use, { protection, rows });
    control.progress?.(what, 0).end(`${moved} tokens took the meaning of their translations`);
  };
  if (align.iterations > 0) take(translations, 'aligned word vectors');
  const texts = [
    ...pairs.map((pair) => ({ ...pair, weight: 1 })),
    ...(align.entryWeight > 0 ? [...dictionaries.values()].flat() : []).map((entry) => ({
      ...entry,
      weight: align.entryWeight,
    })),
  ];
  let best = align.rounds > 0 ? await measure?.() : undefined;
  for (let round = 1; round <= align.rounds; round++) {
    const found = await transportTranslations(texts, plans, control);
    const kept = table.data.slice();
    take(
      mixTranslations(translations, found, align.transportShare),
      `transported word vectors, round ${round}`,
    );
    const value = await measure?.();
    if (best !== undefined && value !== undefined) {
      const said = `RR@10 ${value.toFixed(4)}, before ${best.toFixed(4)}`;
      control
        .progress?.('dev measure of the transported', 0)
        .end(value < best ? `${said}: taken back` : said);
      if (value < best) {
        table.data.set(kept);
        return;
      }
    }
    best = value;
  }
}
