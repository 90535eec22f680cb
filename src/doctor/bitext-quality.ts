/** Whether sentence pairs are fit to distil from: what cleaning leaves out, languages, lengths, repetitions, number. */
import type { BitextPair } from '../data/bitext-pair.ts';
import { type BitextReport, SKIP_REASONS, type SkipReason } from '../data/bitext-report.ts';
import { languageName } from '../data/language.ts';
import type { StageControl } from '../stage.ts';
import { examineLanguages, type LanguageFigures, type PairFault, wrongSides } from './bitext-language.ts';
import { type LengthRatios, lengthRatios } from './bitext-lengths.ts';
import { findRepeats, type Repeats } from './bitext-repeats.ts';
import { findShifts, type Shift } from './bitext-shift.ts';
import { type Aspect, count, type Finding, judged, type PairExample, percent, weigh } from './finding.ts';
import { type SampleOptions, sampled } from './text-survey.ts';
import {
  ALIGNED,
  FEWEST_PAIRS,
  LEFT_OUT_PAIRS,
  NEAR_DUPLICATES,
  ODD_LENGTHS,
  SHIFTED_PAIRS,
  WRONG_LANGUAGE,
} from './thresholds.ts';

/** What the aspect is told. */
export interface BitextInput {
  readonly language: string;
  readonly pivotLanguage: string;
  /** Pairs as they were read. */
  readonly read: readonly BitextPair[];
  /** Those that cleaning keeps; none when nothing is usable. */
  readonly kept: readonly BitextPair[];
  readonly report: BitextReport;
}

const FAULTS: Readonly<Record<PairFault, string>> = {
  copied: 'have a target that is copied from the pivot, but for a few words',
  'target-in-pivot': 'have a target in the pivot language',
  'pivot-in-target': 'have a pivot in the target language',
  exchanged: 'have their sides exchanged',
  script: 'have a side in the script of another language',
};

/**
 * Examines a bitext. Cleaning and repetitions are counted over all pairs, languages and lengths over a sample.
 *
 * @throws RefractError `INTERRUPTED`
 * @example (await examineBitext({ language: 'sw', pivotLanguage: 'en', read, kept, report })).verdict // 'ready'
 */
export async function examineBitext(
  { language, pivotLanguage, read, kept, report }: BitextInput,
  options: SampleOptions = {},
  control: StageControl = {},
): Promise<Aspect> {
  const names = { pivot: languageName(pivotLanguage), target: languageName(language) };
  const pairs = sampled(kept, 'pairs', options);
  const languages = await examineLanguages(pairs, { pivot: pivotLanguage, target: language }, control);
  const lengths = lengthRatios(pairs);
  const repeats = findRepeats(read);
  const shifts = findShifts(read);
  const findings = [
    ...numberFindings(kept.length, language),
    ...cleaningFindings(report, repeats),
    ...(kept.length === 0 ? [] : languageFindings(languages, pairs, names, language)),
    ...shiftFindings(shifts, read.length, names),
    ...lengthFindings(lengths, pairs, new Set(shifts.map(({ source }) => source))),
    ...repeatFindings(repeats, kept.length),
  ];
  const { english, inScript } = languages;
  return judged({
    name: 'bitext',
    summary: `${count(kept.length)} usable pairs of ${count(report.read)}`,
    facts: [
      ['pairs', `${count(report.read)} read, ${count(kept.length)} usable`],
      ...Object.entries(report.skipped).map(
        ([reason, skipped]) =>
          [`left out`, `${count(skipped?.count ?? 0)}: ${SKIP_REASONS[reason as SkipReason]}`] as const,
      ),
      [
        'length',
        `${lengths.median.toFixed(2)} characters for each of ${names.pivot} (90 %: ${lengths.low.toFixed(2)} to ${lengths.high.toFixed(2)}); ${count(lengths.outliers)} outliers`,
      ],
      ...(english === undefined
        ? []
        : [
            [
              'English words of grammar',
              `${names.pivot} side ${percent(english.pivot)}, ${names.target} side ${percent(english.target)}`,
            ] as const,
          ]),
      ...(inScript.target === undefined
        ? []
        : [[`${names.target} side in its script`, percent(inScript.target)] as const]),
      ['pairs with a wrong language', count(Object.values(languages.faults).reduce((a, b) => a + b, 0))],
      ['repeated', `${count(repeats.acrossSources)} across sources, ${count(repeats.near)} nearly`],
    ],
    figures: {
      read: report.read,
      kept: kept.length,
      skipped: report.skipped,
      sampled: pairs.length,
      languages: { ...languages, examples: undefined },
      lengths: { ...lengths, farthest: undefined },
      shifts,
      repeats: { acrossSources: repeats.acrossSources, near: repeats.near, sources: repeats.sources },
    },
    findings,
  });
}

function numberFindings(usable: number, language: string): Finding[] {
  if (usable >= FEWEST_PAIRS.care) return [];
  return [
    {
      weight: usable < FEWEST_PAIRS.unfit ? 'unfit' : 'care',
      what: usable === 0 ? 'No pair is usable.' : `There are only ${count(usable)} usable pairs.`,
      remedy:
        usable === 0
          ? `See why pairs were left out; name the columns with --columns, and check --language ${language}.`
          : `A pack learns words from pairs: add sources (Tatoeba, TICO-19, NTREX), and a dictionary with distill --dictionary ${language}=FILE.`,
    },
  ];
}

function cleaningFindings(report: BitextReport, repeats: Repeats): Finding[] {
  const share = (report.read - report.kept) / Math.max(report.read, 1);
  const weight = weigh(share, LEFT_OUT_PAIRS);
  if (weight === undefined) return [];
  const reasons = (
    Object.entries(report.skipped) as [SkipReason, { count: number; examples: readonly { line: number }[] }][]
  )
    .sort((a, b) => b[1].count - a[1].count)
    .map(
      ([reason, skipped]) =>
        `${SKIP_REASONS[reason]}: ${count(skipped.count)} (line ${skipped.examples[0]?.line})`,
    );
  return [
    {
      weight,
      what: `${percent(share)} of the pairs are left out by cleaning: ${reasons.join('; ')}.`,
      remedy:
        repeats.acrossSources > 0
          ? 'distill leaves them out by itself. Give each source once; if pairs are too long or too unequal, align the texts by sentence.'
          : 'distill leaves them out by itself. If these are many that look right, set --max-characters, --max-words or --max-ratio; if pairs are misaligned, align the texts again by sentence.',
    },
  ];
}

function languageFindings(
  languages: LanguageFigures,
  pairs: readonly BitextPair[],
  names: { readonly pivot: string; readonly target: string },
  language: string,
): Finding[] {
  const wrong = wrongSides(languages, names);
  if (wrong !== undefined)
    return [
      {
        weight: 'unfit',
        what: wrong.what,
        remedy: wrong.exchanged
          ? `Name the columns, pivot first: --columns 2,1 (here and for distill), or exchange the files of a Moses pair.`
          : `Check that the file is ${names.pivot} and ${names.target}, and which columns were taken (--columns); --language is ${language}.`,
        examples: pairs.slice(0, 2).map(shownPair),
      },
    ];
  const findings: Finding[] = [];
  for (const fault of Object.keys(FAULTS) as PairFault[]) {
    const share = languages.faults[fault] / Math.max(languages.pairs, 1);
    if (share === 0) continue;
    findings.push({
      weight: weigh(share, WRONG_LANGUAGE) ?? 'note',
      what: `${count(languages.faults[fault])} of ${count(languages.pairs)} pairs (${percent(share)}) ${FAULTS[fault]}.`,
      remedy: 'Take these lines out of the file; they teach that a text is its own translation, or nothing.',
      examples: languages.examples[fault].map((i) => shownPair(pairs[i])),
    });
  }
  return findings;
}

function shiftFindings(
  shifts: readonly Shift[],
  read: number,
  names: { readonly pivot: string; readonly target: string },
): Finding[] {
  if (shifts.length === 0) return [];
  const moved = shifts.reduce((sum, { pairs }) => sum + pairs, 0);
  const places = shifts.map(
    ({ source, from, to, by }) =>
      `lines ${from} to ${to} (${source}): ${Math.abs(by)} line${Math.abs(by) === 1 ? '' : 's'} ${by < 0 ? 'above' : 'below'}`,
  );
  return [
    {
      weight: weigh(moved / Math.max(read, 1), SHIFTED_PAIRS) ?? 'note',
      what: `About ${count(moved)} pairs have slipped: the ${names.target} translation of a line of ${names.pivot} stands on another line. Where it is to be found:`,
      examples: places,
      remedy: `Move the ${names.target} column of these lines back (down where the translation is above, up where it is below), look at both ends, and run doctor again; or leave these lines out.`,
    },
  ];
}

function lengthFindings(
  lengths: LengthRatios,
  pairs: readonly BitextPair[],
  told: ReadonlySet<string>,
): Finding[] {
  const findings: Finding[] = [];
  for (const { source, correlation, lines, ...of } of lengths.sources) {
    if (correlation === undefined || correlation >= ALIGNED.care || told.has(source)) continue;
    // Where sentences are all of about one length, the correlation is low by itself.
    if (of.outliers < ALIGNED.outliers * of.pairs) continue;
    const place =
      lines === undefined ? '' : `; most of those that fit worst stand on lines ${lines[0]} to ${lines[1]}`;
    findings.push({
      weight: lengths.correlation < ALIGNED.unfit ? 'unfit' : 'care',
      what: `The lengths of both sides hardly go together in ${source} (correlation ${correlation.toFixed(2)} over ${count(of.pairs)} pairs, where translations have 0.85 and more): lines have slipped, so that many stand beside the translation of another${place}.`,
      remedy: `Align ${source} again by sentence, or leave it out.`,
    });
  }
  const share = lengths.outliers / Math.max(pairs.length, 1);
  if (share > 0)
    findings.push({
      weight: weigh(share, ODD_LENGTHS) ?? 'note',
      what: `${count(lengths.outliers)} pairs (${percent(share)}) have lengths that fit badly: their sides may be no translations of each other. By source: ${bySource(lengths)}.`,
      remedy:
        'Look at these lines; distill leaves pairs out at a lower --max-ratio, for example --max-ratio 2.5.',
      examples: lengths.farthest.map((i) => shownPair(pairs[i])),
    });
  return findings;
}

function bySource({ sources }: LengthRatios): string {
  return sources
    .filter(({ outliers }) => outliers > 0)
    .sort((a, b) => b.outliers - a.outliers)
    .slice(0, 4)
    .map(({ source, outliers, pairs }) => `${source} ${count(outliers)} of ${count(pairs)}`)
    .join(', ');
}

function repeatFindings({ near, acrossSources, examples, sources }: Repeats, usable: number): Finding[] {
  const findings: Finding[] = [];
  const share = near / Math.max(usable, 1);
  if (share > 0.01)
    findings.push({
      weight: weigh(share, NEAR_DUPLICATES) ?? 'note',
      what: `${count(near)} pairs (${percent(share)}) differ from another one in case, digits or punctuation alone: they count double.`,
      remedy:
        'Keep one of each, so that held-out pairs are not those of the training, and lists of templates do not outweigh sentences.',
      examples: examples.flat().map(shownPair),
    });
  if (acrossSources > 0)
    findings.push({
      weight: 'note',
      what: `${count(acrossSources)} pairs come from several sources: ${sources.map(({ between, pairs }) => `${between} ${count(pairs)}`).join(', ')}.`,
      remedy:
        'distill keeps the first of each. Hold no pair of one of these sources out for testing while training on the other.',
    });
  return findings;
}

function shownPair({ line, pivot, target }: BitextPair): PairExample {
  return { line, pivot, target };
}
