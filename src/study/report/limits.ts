/** What a study of this size can and cannot tell, said with its own numbers. */
import { counted } from './document.ts';
import { isEnglish, type StudyFigures } from './figures.ts';

/**
 * Paragraphs on the reach of the figures.
 *
 * @param model the encoder's size in words, where it is known
 */
export function limitsOf(figures: StudyFigures, model: string | undefined): string[] {
  const { study, tests, conditions, settings, languages, measure, low, unseen } = figures;
  const size = 'size' in study.teacher ? `size ${study.teacher.size}` : 'a given teacher';
  const seeds = new Set(
    conditions.flatMap((condition) =>
      [...condition.tests.values()].flatMap((runs) => runs.flatMap(({ seed }) => seed ?? [])),
    ),
  );
  const sets = [...tests].map(([test, codes]) => {
    const counts = languages
      .filter((each) => each.test === test && each.measure === measure && !isEnglish(each))
      .map(({ queries }) => queries);
    const [least, most] = [Math.min(...counts), Math.max(...counts)];
    return `${test} (${counted(codes.length, 'language')}, ${least === most ? most : `${least} to ${most}`} queries in each)`;
  });
  const listOf = (codes: ReadonlySet<string>) => (codes.size === 0 ? 'none' : [...codes].join(', '));
  return [
    `Models: ${size}${model === undefined ? '' : ` (${model})`}, ${counted(seeds.size, 'seed')}${seeds.size > 0 ? ` (${[...seeds].sort((a, b) => a - b).join(', ')})` : ''}. Test sets: ${sets.join('; ')}. Low-resource languages: ${listOf(low)}. Languages without training data: ${listOf(unseen)}${unseen.size === 0 ? '' : '; these are groups of their own, and part of no average over the others or gap'}.`,
    'What it can tell: whether these models, trained on this data, score differently on questions like these. A paired test over questions answers for other questions of the same kind; the values of a question are averaged over seeds first, and its versions in several languages count as one. The trend over shares answers for other training runs, as far as so few seeds can.',
    'What it cannot tell: whether large pretrained encoders, other languages, dictionaries or collections behave alike. A model of this size that is trained from scratch knows little beyond its training data, so absolute values are low and effects may differ in size, even in sign, from those of a pretrained model. “Low-resource” is what the study file says it is; the languages also differ in script, kinship with English and dictionary, and these go along with the share.',
    `Tests: paired randomisation with B = ${settings.permutations} or more sign assignments, paired t beside it, Holm over each table, 95 % percentile bootstrap intervals with ${settings.permutations} resamples of questions, seed ${settings.seed}. Intervals are not adjusted for the number of comparisons. “Within the margin” comes from two one-sided t tests with a margin of ${settings.margin}, fixed before the study; “open” means that neither a change nor its absence is shown. Changes and equivalences are two families of tests, each held at .05; a change that is significant may still be smaller than the margin.`,
  ];
}
