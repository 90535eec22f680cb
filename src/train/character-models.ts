/** The character models of a pack's languages and of the teacher's, from both sides of its sentence pairs. */
import type { SentencePair } from '../data/records.ts';
import type { CharacterModels } from '../model/character-models-file.ts';
import { Stage, type StageControl } from '../stage.ts';
import { CharacterCounts } from '../text/character-model.ts';

/** Pairs of a language that are counted, spread evenly over all: more change little. */
const MOST_PAIRS = 20_000;

/**
 * Counts the pairs of each language. `pivot` is the language of the pivot side, the teacher's.
 *
 * @throws RefractError `INTERRUPTED`
 * @example (await characterModels(pairs, 'en')).keys() // 'sw', 'en'
 */
export async function characterModels(
  pairs: readonly SentencePair[],
  pivot: string,
  control: StageControl = {},
): Promise<CharacterModels> {
  const languages = [...new Set(pairs.map(({ language }) => language))];
  const chosen = languages.flatMap((each) => spread(pairs.filter(({ language }) => language === each)));
  const counts = new Map<string, CharacterCounts>();
  const countsOf = (language: string) => {
    const known = counts.get(language) ?? new CharacterCounts();
    counts.set(language, known);
    return known;
  };
  const stage = new Stage('counting characters', chosen.length, 'pairs', control);
  for (const [i, { language, pivot: text, target }] of chosen.entries()) {
    countsOf(language).add(target);
    countsOf(pivot).add(text);
    if (stage.due()) await stage.turn(i + 1);
  }
  stage.end();
  return new Map([...counts].map(([language, each]) => [language, each.model()]));
}

function spread(pairs: readonly SentencePair[]): readonly SentencePair[] {
  if (pairs.length <= MOST_PAIRS) return pairs;
  return Array.from({ length: MOST_PAIRS }, (_, i) => pairs[Math.floor((i * pairs.length) / MOST_PAIRS)]);
}
