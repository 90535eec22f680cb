/** What a dictionary knows of a text in the new language, how ambiguous it is, and whether it is the right way round. */

import { languageName } from '../data/language.ts';
import { lexiconDirection } from '../data/lexicon-direction.ts';
import { DIRECTION_SAMPLE, directionWarning } from '../data/lexicon-notes.ts';
import type { LexiconEntry } from '../data/records.ts';
import { lexiconCoverage } from '../data/switching/coverage.ts';
import { SwitchLexicon } from '../data/switching/switch-lexicon.ts';
import { QueryDictionary } from '../lexical/query-translation.ts';
import { Stage, type StageControl } from '../stage.ts';
import { type Aspect, count, type Finding, judged, percent, weigh } from './finding.ts';
import { UNKNOWN_TO_DICTIONARY } from './thresholds.ts';
import { heaviest } from './word-counts.ts';

/** What the aspect is told. */
export interface DictionaryInput {
  readonly language: string;
  readonly pivotLanguage: string;
  /** The files, for messages. */
  readonly files: readonly string[];
  readonly entries: readonly LexiconEntry[];
  /** Rows that were left out for want of a side or a column. */
  readonly leftOut: number;
  /** Texts in the new language, and in the pivot language where there are any. */
  readonly texts: readonly string[];
  readonly pivotTexts: readonly string[];
}

/** Words that are named. */
const NAMED = 12;
/** Mean translations of a known word above which the best one is often wrong. */
const AMBIGUOUS = 0.5;

/**
 * Coverage of running words, also as parts of phrases; how often the best translation of a word is one of several that
 * equally many sources give; what is missing.
 *
 * @throws RefractError `INTERRUPTED`
 * @example (await examineDictionary(input)).figures.coverage // 0.47
 */
export async function examineDictionary(input: DictionaryInput, control: StageControl = {}): Promise<Aspect> {
  const { language, pivotLanguage, files, entries, texts, pivotTexts, leftOut } = input;
  const name = languageName(language);
  const pivotName = languageName(pivotLanguage);
  const dictionary = new QueryDictionary(entries, language);
  const stage = new Stage('looking words up in the dictionary', texts.length, 'texts', control);
  const unknown = new Map<string, number>();
  const tied = new Map<string, number>();
  let words = 0;
  let known = 0;
  let found = 0;
  let translations = 0;
  let ties = 0;
  for (const [i, text] of texts.entries()) {
    for (const { source, translations: all } of dictionary.lookUp(text)) {
      const length = source.split(' ').length;
      words += length;
      if (all.length === 0) {
        unknown.set(source, (unknown.get(source) ?? 0) + 1);
        continue;
      }
      known += length;
      found++;
      translations += all.length;
      if (all.length > 1 && all[0].sources === all[1].sources) {
        ties++;
        tied.set(source, (tied.get(source) ?? 0) + 1);
      }
    }
    if (stage.due()) await stage.turn(i + 1);
  }
  stage.end();
  const coverage = known / Math.max(words, 1);
  const tieShare = ties / Math.max(found, 1);
  const reversed = reversedWarning(input);
  const missing = heaviest(unknown, (word, n) => (/\p{L}/u.test(word) ? n : 0), NAMED);
  const findings: Finding[] = [];
  if (reversed !== undefined)
    findings.push({
      weight: 'unfit',
      what: reversed,
      remedy: `Exchange the columns: awk -F'\\t' -v OFS='\\t' '{ t = $1; $1 = $2; $2 = t } 1' OLD > NEW.`,
    });
  const weight = weigh(1 - coverage, UNKNOWN_TO_DICTIONARY);
  if (weight !== undefined && words > 0)
    findings.push({
      weight: reversed === undefined ? weight : 'note',
      what: `The dictionary knows ${percent(coverage)} of the words of ${name}.`,
      remedy: `Add entries: refract lexicon induce --bitext ${language}=FILE learns some from sentence pairs, refract lexicon merge puts dictionaries together. Inflected forms count as words of their own.`,
      examples: missing,
    });
  if (tieShare > AMBIGUOUS && reversed === undefined)
    findings.push({
      weight: 'note',
      what: `For ${percent(tieShare)} of the known words the best translation is one of several that equally many sources give: taking one is a guess.`,
      remedy:
        'Use all of them (lexical-search --structure synonyms, the default), or merge with an induced dictionary, whose counts break ties.',
      examples: heaviest(tied, (_, n) => n, 6),
    });
  if (leftOut > 0)
    findings.push({
      weight: 'note',
      what: `${count(leftOut)} rows lack a side or a column and were left out.`,
    });
  const pivot =
    pivotLanguage === 'en' && pivotTexts.length > 0
      ? (await lexiconCoverage(new SwitchLexicon(new Map([[language, entries]])), pivotTexts)).languages[
          language
        ]
      : undefined;
  return judged({
    name: 'dictionary',
    summary: `knows ${percent(coverage)} of the words of ${name}${pivot === undefined ? '' : `, ${percent(pivot.contentWords)} of the content words of ${pivotName}`}`,
    facts: [
      ['entries', `${count(entries.length)} for ${count(dictionary.size)} words and phrases of ${name}`],
      ['words known', `${percent(coverage)} of ${count(words)}`],
      ...(pivot === undefined
        ? []
        : [[`content words of ${pivotName} known`, percent(pivot.contentWords)] as const]),
      ['translations of a known word', (translations / Math.max(found, 1)).toFixed(1)],
      ['best translation is a tie', percent(tieShare)],
      ...(weight === undefined && missing.length > 0
        ? [['frequent, not known', missing.join(', ')] as const]
        : []),
    ],
    figures: {
      files,
      entries: entries.length,
      headwords: dictionary.size,
      words,
      coverage,
      translations: translations / Math.max(found, 1),
      ties: tieShare,
      pivotContentWords: pivot?.contentWords,
      leftOut,
    },
    findings,
  });
}

/** By script and by texts of either language: a text of the new one finds its words in the first column. */
function reversedWarning({ language, pivotLanguage, files, entries, texts, pivotTexts }: DictionaryInput) {
  const warning = directionWarning(
    files.join(', '),
    language,
    entries,
    pivotTexts.slice(0, DIRECTION_SAMPLE),
    pivotLanguage,
  );
  if (warning !== undefined || pivotTexts.length > 0) return warning;
  const exchanged = entries.map((entry) => ({ ...entry, pivot: entry.target, target: entry.pivot }));
  const { reversed, sign, inText } = lexiconDirection(
    exchanged,
    pivotLanguage,
    texts.slice(0, DIRECTION_SAMPLE),
  );
  if (!reversed || sign !== 'frequency') return undefined;
  const [name, pivotName] = [languageName(language), languageName(pivotLanguage)];
  return `${files.join(', ')} looks as if it went from ${name} to ${pivotName}: its first column has ${percent(inText?.target ?? 0)} of the words of the ${name} text, its second ${percent(inText?.pivot ?? 0)}. The first column must be ${pivotName}.`;
}
