/**
 * Folders of Sentence-Transformers, the encoder at their top or in `0_Transformer`. Two kinds are retrievers with token
 * vectors: PyLate's (pylate.ts) and MultiVectorEncoder's (multi-vector.ts). The others are encoders to begin from.
 */
import { foldLayers, readDense, withProjection } from './dense.ts';
import { cannotSay, type ForeignEncoder, type ForeignRetriever, type Layout } from './layout.ts';
import { type ModelFiles, readModules } from './modules.ts';
import { multiVectorRules } from './multi-vector.ts';
import { pylateRules } from './pylate.ts';

/** Modules that a retriever may have after its encoder. */
const KNOWN = { PyLate: ['Dense'], 'Sentence-Transformers': ['Dense', 'MultiVectorMask', 'Normalize'] };

/** The layout of `folder`, when it has a `modules.json`. */
export function sentenceTransformersLayout(folder: string): Layout | undefined {
  const files = readModules(folder);
  if (files === undefined) return undefined;
  const { kind, encoder, transformer } = files;
  return {
    encoder,
    lowerCase: transformer.do_lower_case === true,
    ...(kind && { retriever: (parts: ForeignEncoder) => readRetriever(files, kind, parts) }),
  };
}

function readRetriever(
  files: ModelFiles,
  kind: NonNullable<ModelFiles['kind']>,
  encoder: ForeignEncoder,
): ForeignRetriever {
  const { at, modules, model } = files;
  const other = modules.find(({ type }) => !KNOWN[kind].includes(type));
  if (other) throw cannotSay(at, `it has a module ${other.type}, whose rules Refract does not know`);
  const layers = modules.filter(({ type }) => type === 'Dense').map(({ folder }) => readDense(folder));
  if (layers.length === 0) throw cannotSay(at, 'it has no dense layer, from which the projection comes');
  const map = foldLayers(layers, encoder.config.hiddenSize, at);
  const rules = kind === 'PyLate' ? pylateRules : multiVectorRules;
  const version = model.__version__?.sentence_transformers;
  return {
    tool: `${kind}${version === undefined ? '' : ` (sentence-transformers ${version})`}`,
    retrieval: rules(files, encoder, map.shape[0]),
    tensors: withProjection(encoder, map, at),
  };
}
