/** What a batch of texts takes of a device's memory, for the message when that does not suffice. */
import { RefractError } from '../errors.ts';
import { peakBytes, sizesOf, type Tensor, type Value } from '../graph/index.ts';

/**
 * An error of `DEVICE_MEMORY` with what the batch takes, and what less would; any other error as it is. Estimates from
 * shapes; see `peakBytes` for what it cannot know.
 *
 * @param feeds the ids and the mask of a batch, both [texts, tokens]
 */
export function withBatchMemory(
  error: unknown,
  graph: Readonly<Record<string, Tensor>>,
  feeds: { readonly ids: Value; readonly mask: Value },
  weightBytes: number,
): unknown {
  if (!isShortOfMemory(error)) return error;
  const [texts, tokens] = feeds.ids.shape;
  const takes = (count: number, length: number) =>
    megabytes(
      peakBytes(graph, sizesOf(graph, { ids: { shape: [count, length] }, mask: { shape: [count, length] } })),
    );
  const less =
    texts > 1
      ? `${Math.ceil(texts / 2)} texts would take about ${takes(Math.ceil(texts / 2), tokens)}, one text about ${takes(1, tokens)}`
      : `a text of ${Math.ceil(tokens / 2)} tokens would take about ${takes(1, Math.ceil(tokens / 2))}`;
  return new RefractError('DEVICE_MEMORY', error.what, {
    at: error.at,
    hint: `The weights take ${megabytes(weightBytes)}, this batch of ${texts} x ${tokens} tokens about ${takes(texts, tokens)}; ${less}. Close other programs that use the device, give it shorter or fewer texts at a time, or use --device cpu.`,
    cause: error.cause,
  });
}

/** Whether a device's memory did not suffice. */
export function isShortOfMemory(error: unknown): error is RefractError {
  return error instanceof RefractError && error.code === 'DEVICE_MEMORY';
}

function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 1e6).toLocaleString('en')} MB`;
}
