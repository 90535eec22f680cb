/** Normalisation damage: what is dropped or merged, words that can no longer be told apart, texts that do not come back. */
import { Stage, type StageControl } from '../stage.ts';
import type { TextTokenizer } from '../text/tokenizer.ts';
import { type Aspect, count, type Finding, judged, percent, visible, weigh } from './finding.ts';
import { foldedForm, LOSSES, type Loss, LostCharacters, lossOf } from './lost-characters.ts';
import { BROKEN_ROUND_TRIPS, LOST_CHARACTERS, MERGED_WORDS } from './thresholds.ts';
import type { TokenKinds } from './token-kinds.ts';
import type { WordCounts } from './word-counts.ts';

/** Examples of each kind. */
const NAMED = 8;

/**
 * Examines what the tokenizer's normaliser does to some texts of `language` (its name is `name`).
 *
 * @throws RefractError `INTERRUPTED`
 * @example (await examineNormalisation('yo', 'Yoruba', texts, words, tokenizer, new TokenKinds(tokenizer))).verdict // 'unfit' where accents are stripped
 */
export async function examineNormalisation(
  language: string,
  name: string,
  texts: readonly string[],
  words: WordCounts,
  tokenizer: TextTokenizer,
  kinds: TokenKinds,
  control: StageControl = {},
): Promise<Aspect> {
  const lost = new LostCharacters(tokenizer, language);
  const stage = new Stage('comparing texts with what the tokenizer keeps', texts.length, 'texts', control);
  const points = new Map<string, number>();
  let characters = 0;
  let losses = 0;
  let broken = 0;
  let unexplained = 0;
  let example: string | undefined;
  for (const [i, text] of texts.entries()) {
    const here = lost.in(text);
    characters += here.characters;
    losses += here.points.length;
    for (const point of here.points) points.set(point, (points.get(point) ?? 0) + 1);
    const ids = tokenizer.encode(text);
    const back = tokenizer.decode(ids);
    if (bare(back, language) !== bare(text, language)) {
      broken++;
      // Lost characters and unknown pieces have verdicts of their own; that a text does not come back is how they show.
      if (here.points.length === 0 && !ids.some((id) => kinds.of(id) === 'unknown')) unexplained++;
      if (example === undefined || text.length < example.length) example = text;
    }
    if (stage.due()) await stage.turn(i + 1);
  }
  stage.end();
  const merged = mergedWords(words, language, tokenizer);
  const lostShare = losses / Math.max(characters, 1);
  const brokenShare = broken / Math.max(texts.length, 1);
  const lossKinds = kindsOf(points);
  const findings: Finding[] = [];
  const mergedWeight = weigh(merged.share, MERGED_WORDS);
  if (mergedWeight !== undefined)
    findings.push({
      weight: mergedWeight,
      what: `${percent(merged.share)} of the words become equal to another word of the text: the model cannot tell them apart.`,
      remedy: KEEP,
      examples: merged.groups.slice(0, NAMED).map(({ forms, to }) => `${forms.join(' / ')} → ${to}`),
    });
  const lostWeight = weigh(lostShare, LOST_CHARACTERS);
  if (lostWeight !== undefined)
    findings.push({
      weight: lostWeight,
      what: `The normaliser drops or changes ${lossKinds.map(({ kind, n }) => `${LOSSES[kind]} (${count(n)})`).join(', ')}: ${percent(lostShare)} of the characters of ${name}.`,
      remedy:
        mergedWeight === undefined
          ? `Few words fall together by it, so that this may be wanted. If not: ${KEEP[0].toLowerCase()}${KEEP.slice(1)}`
          : KEEP,
      examples: lossKinds.flatMap((kind) => kind.examples).slice(0, NAMED),
    });
  if (brokenShare > BROKEN_ROUND_TRIPS.care)
    findings.push({
      weight: weigh(unexplained / texts.length, BROKEN_ROUND_TRIPS) ?? 'note',
      what: `${percent(brokenShare)} of the texts do not come back from their tokens, case and spaces apart.`,
      remedy:
        'Nothing of its own where characters are unknown or lost (see there); otherwise the tokenizer has no fitting decoder, which harms the display of tokens and no search.',
      ...(example !== undefined && {
        examples: [`${example} → ${tokenizer.decode(tokenizer.encode(example))}`],
      }),
    });
  return judged({
    name: 'normalisation',
    summary: `${percent(lostShare)} of the characters are lost, ${percent(merged.share)} of the words fall together`,
    facts: [
      ['characters lost', percent(lostShare)],
      ['words that fall together', `${percent(merged.share)} (${count(merged.words)} different ones)`],
      ['texts that come back', percent(1 - brokenShare)],
      ...(lostWeight === undefined && losses > 0
        ? [
            [
              'what is lost',
              lossKinds.map((k) => `${LOSSES[k.kind]}: ${k.examples.join(' ')}`).join('; '),
            ] as const,
          ]
        : []),
    ],
    figures: {
      lostCharacters: lostShare,
      losses: Object.fromEntries(lossKinds.map(({ kind, n }) => [kind, n])),
      mergedWords: merged.share,
      mergedForms: merged.words,
      roundTrips: 1 - brokenShare,
    },
    findings,
  });
}

const KEEP =
  'Take a tokenizer that keeps them: a base whose tokenizer.json has strip_accents false (and no StripAccents step), or one that refract teach trains, which strips none.';

/** Case, composition and white space apart. */
function bare(text: string, language: string): string {
  return foldedForm(text, language).replace(/\s/gu, '');
}

/** Lost code points by kind, the most frequent first, each shown on a dotted circle where it is a mark. */
function kindsOf(points: ReadonlyMap<string, number>): { kind: Loss; n: number; examples: string[] }[] {
  const kinds = new Map<Loss, { kind: Loss; n: number; examples: string[] }>();
  for (const [point, n] of [...points].sort((a, b) => b[1] - a[1])) {
    const kind = lossOf(point);
    const sum = kinds.get(kind) ?? { kind, n: 0, examples: [] };
    kinds.set(kind, sum);
    sum.n += n;
    if (sum.examples.length < NAMED) sum.examples.push(visible(point));
  }
  return [...kinds.values()].sort((a, b) => b.n - a.n);
}

/** Words that differ by more than case and become one, with the share of running words that it happens to. */
function mergedWords(
  words: WordCounts,
  language: string,
  tokenizer: TextTokenizer,
): { share: number; words: number; groups: { forms: string[]; to: string; n: number }[] } {
  const byNormal = new Map<string, Map<string, { form: string; n: number }>>();
  for (const [word, n] of words.counts) {
    const normal = foldedForm(tokenizer.normalise(word), language);
    const forms = byNormal.get(normal) ?? new Map<string, { form: string; n: number }>();
    byNormal.set(normal, forms);
    const key = foldedForm(word, language);
    const form = forms.get(key) ?? { form: word.toLocaleLowerCase(language), n: 0 };
    forms.set(key, form);
    form.n += n;
  }
  const groups = [...byNormal]
    .filter(([, forms]) => forms.size > 1)
    .map(([normal, forms]) => {
      const sorted = [...forms.values()].sort((a, b) => b.n - a.n);
      const [first, ...others] = sorted;
      // A rare misspelling of a frequent word is no loss: what counts is how often the rarer forms occur.
      const rarer = others.reduce((sum, { n }) => sum + n, 0);
      return {
        forms: sorted.slice(0, 4).map(({ form }) => form),
        to: normal.normalize('NFC'),
        n: 2 * Math.min(rarer, first.n),
        size: sorted.length,
      };
    })
    .sort((a, b) => b.n - a.n);
  const running = groups.reduce((sum, { n }) => sum + n, 0);
  return {
    share: running / Math.max(words.total, 1),
    words: groups.reduce((sum, { size }) => sum + size, 0),
    groups,
  };
}
