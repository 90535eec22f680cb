/** What became of passages that are too long for an encoder, or empty. Never silent: manifests and reports have it. */

/** Counts over passages. */
export interface TextsReport {
  /** Passages that are cut into several windows, and these windows. */
  readonly split: number;
  readonly windows: number;
  /** Passages whose end was left out, and the tokens that were. */
  readonly truncated: number;
  readonly tokensLeftOut: number;
  /** Passages that were left out because they are empty. */
  readonly skipped: number;
}

/** Nothing of all that. */
export const NO_TEXTS: TextsReport = { split: 0, windows: 0, truncated: 0, tokensLeftOut: 0, skipped: 0 };

/** Two reports as one. */
export function addTexts(a: TextsReport, b: TextsReport): TextsReport {
  return {
    split: a.split + b.split,
    windows: a.windows + b.windows,
    truncated: a.truncated + b.truncated,
    tokensLeftOut: a.tokensLeftOut + b.tokensLeftOut,
    skipped: a.skipped + b.skipped,
  };
}
