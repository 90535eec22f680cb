/** What a study of this size can and cannot tell, said with its own numbers. */

import { counted } from '../../counted.ts';
import { languageName } from '../../data/language.ts';
import { listed } from './document.ts';
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
    ...reachOfTests(figures),
    'What it can tell: whether these models, trained on this data, score differently on questions like these. A paired test over questions answers for other questions of the same kind; the values of a question are averaged over seeds first, and its versions in several languages count as one. The trend over shares answers for other training runs, as far as so few seeds can.',
    'What it cannot tell: whether large pretrained encoders, other languages, dictionaries or collections behave alike. A model of this size that is trained from scratch knows little beyond its training data, so absolute values are low and effects may differ in size, even in sign, from those of a pretrained model. “Low-resource” is what the study file says it is; the languages also differ in script, kinship with English and dictionary, and these go along with the share.',
    `Tests: paired randomisation with B = ${settings.permutations} or more sign assignments, paired t beside it, Holm over each table, 95 % percentile bootstrap intervals with ${settings.permutations} resamples of questions, seed ${settings.seed}. Intervals are not adjusted for the number of comparisons. “Within the margin” comes from two one-sided t tests with a margin of ${settings.margin}, as the study file says; “open” means that neither a change nor its absence is shown. Changes and equivalences are two families of tests, each held at .05; a change that is significant may still be smaller than the margin.`,
  ];
}

/** Which test sets lack a group of languages, and how many questions stand behind the low-resource ones. */
function reachOfTests(figures: StudyFigures): string[] {
  const { tests, low, unseen } = figures;
  const which = unseen.size > 0 ? ' with training data' : '';
  const trained = [...tests].map(
    ([test, codes]) => [test, codes.filter((code) => !unseen.has(code))] as const,
  );
  const without = (is: (code: string) => boolean) =>
    trained.flatMap(([test, codes]) => (codes.length === 0 || codes.some(is) ? [] : [test]));
  const sentence = (names: readonly string[], what: string, there: string) =>
    names.length === 0
      ? []
      : [
          `${listed(names)} ${names.length === 1 ? 'has' : 'have'} no ${what}${which}: there, the study measures ${there}.`,
        ];
  const counts = (codes: readonly string[], apart: string) => {
    const found = codes.map((code) => questionsIn(code, figures));
    return found.length > 0 ? [`Questions in low-resource languages${apart}: ${found.join('; ')}.`] : [];
  };
  const sentences = [
    ...sentence(
      without((code) => low.has(code)),
      'low-resource language',
      'what other languages lose or keep, not what low-resource ones gain',
    ),
    ...sentence(
      without((code) => !low.has(code)),
      'high-resource language',
      'what low-resource languages gain, not what others lose, and no gap',
    ),
    ...sentence(
      trained.flatMap(([test, codes]) => (codes.length === 0 && tests.get(test)?.length ? [test] : [])),
      'language',
      'what arms do where they have learnt nothing, and no gap',
    ),
    ...counts(
      [...low].filter((code) => !unseen.has(code)),
      which,
    ),
    ...counts(
      [...low].filter((code) => unseen.has(code)),
      ' without training data',
    ),
  ];
  return sentences.length === 0 ? [] : [sentences.join(' ')];
}

/** `60 in Swahili (sw) on desk and 20 on shelf`. */
function questionsIn(code: string, { tests, languages, measure }: StudyFigures): string {
  const name = `${languageName(code)} (${code})`;
  const counts = [...tests.keys()].flatMap((test) => {
    const found = languages.find(
      (each) => each.test === test && each.language === code && each.measure === measure,
    );
    return found ? [{ test, queries: found.queries }] : [];
  });
  if (counts.length === 0) return `none in ${name}`;
  return listed(counts.map(({ test, queries }, i) => `${queries}${i === 0 ? ` in ${name}` : ''} on ${test}`));
}
