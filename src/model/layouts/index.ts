/** Folders of models by the tool that wrote them: which layout a folder has. */
import type { Layout } from './layout.ts';
import { sentenceTransformersLayout } from './sentence-transformers.ts';
import { stanfordLayout } from './stanford.ts';

export type { ForeignEncoder, ForeignRetriever, Layout } from './layout.ts';
export { PROJECTION } from './layout.ts';

/**
 * The layout of a folder without `refract.json`: that of PyLate or Sentence-Transformers by its `modules.json`, that of
 * Stanford's ColBERT by `artifact.metadata` or its class, else that of transformers, an encoder alone.
 *
 * @throws RefractError `CHECKPOINT_FORMAT`, `CHECKPOINT_INCOMPLETE` when the files of the layout do not say what they must
 * @example layoutOf('models/colbertv2.0').retriever !== undefined // true
 */
export function layoutOf(folder: string): Layout {
  return sentenceTransformersLayout(folder) ?? stanfordLayout(folder) ?? { encoder: folder };
}
