/** Truncation: queries and passages that are longer than a model's settings let them be. */
import { Stage, type StageControl } from '../stage.ts';
import type { TextTokenizer } from '../text/tokenizer.ts';
import { type Aspect, count, type Finding, judged, percent, weigh } from './finding.ts';
import { CUT_PASSAGES, CUT_QUERIES } from './thresholds.ts';

/** The longest query and passage in tokens, [CLS], marker and [SEP] included, and the most that positions allow. */
export interface LengthLimits {
  readonly queryMaxTokens: number;
  readonly passageMaxTokens: number;
  readonly positions: number;
}

/** Tokens that are not of the text: [CLS], marker, [SEP]. */
const FRAME = 3;

/** Lengths of one kind of texts. */
export interface LengthFigures {
  readonly texts: number;
  readonly limit: number;
  /** Share of texts that lose something, and share of all tokens that are lost. */
  readonly cut: number;
  readonly tokensLost: number;
  readonly median: number;
  /** 95 and 99 of 100 texts are no longer than this. */
  readonly p95: number;
  readonly p99: number;
}

/**
 * Lengths of `texts` in tokens, frame included, against `limit`.
 *
 * @throws RefractError `INTERRUPTED`
 * @example (await measureLengths(['maji safi'], 48, tokenizer)).cut // 0
 */
export async function measureLengths(
  texts: readonly string[],
  limit: number,
  tokenizer: TextTokenizer,
  control: StageControl = {},
): Promise<LengthFigures> {
  const stage = new Stage('measuring lengths', texts.length, 'texts', control);
  const lengths = new Int32Array(texts.length);
  let total = 0;
  let lost = 0;
  let cut = 0;
  for (const [i, text] of texts.entries()) {
    const length = tokenizer.encode(text).length + FRAME;
    lengths[i] = length;
    total += length - FRAME;
    if (length > limit) {
      cut++;
      lost += length - limit;
    }
    if (stage.due()) await stage.turn(i + 1);
  }
  stage.end();
  lengths.sort();
  const quantile = (share: number) => lengths[Math.ceil(share * lengths.length) - 1] ?? 0;
  return {
    texts: texts.length,
    limit,
    cut: cut / Math.max(texts.length, 1),
    tokensLost: lost / Math.max(total, 1),
    median: quantile(0.5),
    p95: quantile(0.95),
    p99: quantile(0.99),
  };
}

/**
 * The verdict on lengths.
 *
 * @example examineLengths({ queries, passages }, limits).findings[0].remedy // 'Raise retrieval.passageMaxTokens ...'
 */
export function examineLengths(
  { queries, passages }: { readonly queries?: LengthFigures; readonly passages?: LengthFigures },
  limits: LengthLimits,
): Aspect {
  const findings: Finding[] = [];
  const kinds = [
    { noun: 'queries', setting: 'queryMaxTokens', figures: queries, bounds: CUT_QUERIES },
    { noun: 'passages', setting: 'passageMaxTokens', figures: passages, bounds: CUT_PASSAGES },
  ] as const;
  const present = kinds.filter(({ figures }) => figures !== undefined && figures.texts > 0);
  for (const { noun, setting, figures, bounds } of present) {
    const weight = weigh(figures!.cut, bounds);
    if (weight === undefined) continue;
    const wanted = Math.min(Math.ceil(figures!.p99 / 8) * 8, limits.positions);
    const raise =
      wanted > figures!.limit
        ? `Raise retrieval.${setting} to ${wanted} when the teacher is trained${noun === 'queries' ? ', and maxTokens of distill' : ''}`
        : `The model has ${limits.positions} positions and can read no more`;
    findings.push({
      weight,
      what: `${percent(figures!.cut)} of the ${noun} are longer than ${figures!.limit} tokens and lose their end (${percent(figures!.tokensLost)} of all tokens; 99 of 100 have at most ${figures!.p99}).`,
      remedy:
        noun === 'passages'
          ? `${raise}${wanted < figures!.p99 || wanted <= figures!.limit ? '; cut longer passages into several' : ', or cut passages into several'}.`
          : `${raise}.`,
    });
  }
  return judged({
    name: 'length',
    summary: present
      .map(
        ({ noun, figures }) => `${percent(figures!.cut)} of the ${noun} are cut at ${figures!.limit} tokens`,
      )
      .join('; '),
    facts: present.map(({ noun, figures: f }) => [
      `tokens of ${noun}`,
      `median ${f!.median}, 95 % at most ${f!.p95}, limit ${f!.limit}, cut ${percent(f!.cut)} of ${count(f!.texts)}`,
    ]),
    figures: { queries, passages, positions: limits.positions },
    findings,
  });
}
