/** Log-probabilities of the next token of one text, with the rules on what may be written. */
import type { GenerationSettings } from './generation.ts';

/**
 * Turns logits into log-probabilities in place (log-softmax), then sets those of tokens that may not follow to
 * minus infinity, and, where a token is forced, all others.
 *
 * @param logits [vocabulary]
 * @param ids the text so far, start token included
 */
export function nextTokenLogProbabilities(
  logits: Float32Array,
  ids: readonly number[],
  settings: GenerationSettings,
): Float32Array {
  logSoftmax(logits);
  if (settings.noRepeat > 0) banRepeats(logits, ids, settings.noRepeat);
  for (const sequence of settings.banned) {
    const last = sequence[sequence.length - 1];
    const ends = sequence.length === 1 && settings.endIds.includes(last);
    if (!ends && endsWith(ids, sequence.slice(0, -1))) logits[last] = -Infinity;
  }
  if (ids.length < settings.minLength) for (const end of settings.endIds) logits[end] = -Infinity;
  if (settings.forcedStart !== undefined && ids.length === 1) force(logits, [settings.forcedStart]);
  if (settings.forcedEnds !== undefined && ids.length === settings.maxLength - 1)
    force(logits, settings.forcedEnds);
  return logits;
}

function logSoftmax(logits: Float32Array): void {
  let most = -Infinity;
  for (const logit of logits) if (logit > most) most = logit;
  let sum = 0;
  for (const logit of logits) sum += Math.exp(logit - most);
  const shift = most + Math.log(sum);
  for (let i = 0; i < logits.length; i++) logits[i] -= shift;
}

/** Bans every token that would complete a sequence of `size` tokens that `ids` has already. */
function banRepeats(logits: Float32Array, ids: readonly number[], size: number): void {
  if (ids.length + 1 < size) return;
  const recent = ids.slice(ids.length - size + 1);
  for (let i = 0; i + size <= ids.length; i++)
    if (recent.every((id, j) => ids[i + j] === id)) logits[ids[i + size - 1]] = -Infinity;
}

function endsWith(ids: readonly number[], end: readonly number[]): boolean {
  const from = ids.length - end.length;
  return from >= 0 && end.every((id, i) => ids[from + i] === id);
}

function force(logits: Float32Array, tokens: readonly number[]): void {
  logits.fill(-Infinity);
  for (const token of tokens) logits[token] = 0;
}
