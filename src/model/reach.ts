/** Whether an imported encoder reads texts as long as its files say: its graph does not say it, and other files may err. */
import { RefractError } from '../errors.ts';
import { GraphSession, input } from '../graph/index.ts';
import type { EncoderConfig } from './config.ts';
import { encoderGraph, parameterInputs } from './families/index.ts';
import type { FloatTensor } from './safetensors.ts';

/**
 * Runs an imported encoder on a text of `tokens` tokens. Encoders of a family are passed over.
 *
 * @throws RefractError `CHECKPOINT_FORMAT` when it fails, or gives numbers that are not finite
 * @example await checkReach(config, tensors, 384)
 */
export async function checkReach(
  config: EncoderConfig,
  tensors: ReadonlyMap<string, FloatTensor>,
  tokens: number,
  threads?: number,
): Promise<void> {
  if (config.graph === undefined) return;
  const [ids, mask] = ['ids', 'mask'].map((name) => input(name, 'int32', ['B', 'L']));
  const { hidden } = encoderGraph(config, parameterInputs(config), ids, mask);
  const session = await GraphSession.create({ hidden }, { threads });
  const shape = [1, tokens];
  // Encoders that count positions from the ids pass over padding.
  const token = config.padTokenId === 0 ? 1 : 0;
  const feeds = {
    ...Object.fromEntries(tensors),
    ids: { data: new Int32Array(tokens).fill(token), shape },
    mask: { data: new Int32Array(tokens).fill(1), shape },
  };
  try {
    const result = await session.run(feeds).catch((cause) => {
      throw cannotRead(tokens, 'fails', cause);
    });
    if (!result.hidden.data.every(Number.isFinite))
      throw cannotRead(tokens, 'gives numbers that are not finite');
  } finally {
    await session.close();
  }
}

function cannotRead(tokens: number, how: string, cause?: unknown): RefractError {
  return new RefractError('CHECKPOINT_FORMAT', `the imported encoder ${how} on a text of ${tokens} tokens`, {
    hint: 'Say how many it reads in max_position_embeddings of its config.json, or ask for less with retrieval.passageMaxTokens.',
    cause,
  });
}
