/**
 * Checkpoints of Stanford's ColBERT (Khattab and Zaharia 2020; Santhanam et al. 2022): a Hugging Face folder of the
 * class HF_ColBERT, whose projection is `linear.weight`, with `artifact.metadata`, which is JSON.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { RefractError } from '../../errors.ts';
import { loadTokenizer, type TextTokenizer } from '../../text/tokenizer.ts';
import { type RetrievalSettings, retrievalSettings } from '../settings.ts';
import { type JsonObject, tokenizerOf } from '../tokenizer-files.ts';
import {
  ASCII_PUNCTUATION,
  cannotSay,
  type ForeignEncoder,
  type ForeignRetriever,
  type Layout,
  lengthIn,
  lengthSchema,
  PROJECTION,
  readForeignJson,
} from './layout.ts';

/** The file with the settings, and the class in `config.json`. */
export const METADATA = 'artifact.metadata';
export const HF_COLBERT = 'HF_ColBERT';

/** The markers of queries and passages unless the file names others. */
const MARKERS = ['[unused0]', '[unused1]'];

/** The fields that decide vectors and scores, with the defaults of ColBERTConfig; there are many more. */
const fields = z.object({
  dim: z.int().positive().optional(),
  query_maxlen: lengthSchema.default(32),
  doc_maxlen: lengthSchema.default(220),
  mask_punctuation: z.boolean().default(true),
  attend_to_mask_tokens: z.boolean().default(false),
  query_token_id: z.string().min(1).default(MARKERS[0]),
  doc_token_id: z.string().min(1).default(MARKERS[1]),
  // l2 ranks unit vectors as cosine does.
  similarity: z.enum(['cosine', 'l2']).default('cosine'),
  interaction: z.string().default('colbert'),
});
/** Indexes keep the same settings one level deeper. */
const metadata = z.union([z.object({ config: fields }).transform(({ config }) => config), fields]);

/** The layout of `folder`, when it is a checkpoint of Stanford's ColBERT. */
export function stanfordLayout(folder: string): Layout | undefined {
  const config = readForeignJson(
    join(folder, 'config.json'),
    z.object({ architectures: z.array(z.string()).nullish() }),
  );
  if (!existsSync(join(folder, METADATA)) && config?.architectures?.includes(HF_COLBERT) !== true)
    return undefined;
  return { encoder: folder, retriever: (encoder) => readStanford(folder, encoder) };
}

function readStanford(folder: string, encoder: ForeignEncoder): ForeignRetriever {
  const at = join(folder, METADATA);
  const said = readForeignJson(at, metadata) ?? fields.parse({});
  if (said.interaction !== 'colbert')
    throw cannotSay(at, `interaction "${said.interaction}" is not ColBERT's MaxSim`);
  const projection = encoder.heads.get(PROJECTION);
  if (projection === undefined)
    throw new RefractError('CHECKPOINT_INCOMPLETE', `tensor ${PROJECTION} is missing`, {
      at: folder,
      hint: 'It is the projection of ColBERT: copy the weights of the whole model, not of its encoder alone.',
    });
  const [dim, width] = projection.shape;
  if (projection.shape.length !== 2 || width !== encoder.config.hiddenSize || (said.dim ?? dim) !== dim)
    throw new RefractError(
      'CHECKPOINT_SHAPE',
      `tensor ${PROJECTION} is [${projection.shape.join(', ')}], artifact.metadata and config.json ask for [${said.dim ?? 'dim'}, ${encoder.config.hiddenSize}]`,
      { at: folder, hint: 'Take config.json, artifact.metadata and the weights from the same model.' },
    );
  const tokenizer = tokenizerOf(encoder);
  return {
    tool: 'Stanford ColBERT',
    retrieval: retrievalSettings({
      dim,
      queryMaxTokens: lengthIn(encoder.config, said.query_maxlen),
      passageMaxTokens: lengthIn(encoder.config, said.doc_maxlen),
      queryMarker: markerOf(said.query_token_id, tokenizer),
      passageMarker: markerOf(said.doc_token_id, tokenizer),
      queryAugmentation: true,
      augmentationAttended: said.attend_to_mask_tokens,
      skipPunctuation: false,
      skipTokens: said.mask_punctuation ? punctuationTokens(encoder.tokenizerJson) : [],
    }),
    tensors: new Map([...encoder.tensors, [PROJECTION, projection]]),
  };
}

/**
 * A marker as the model has it. Vocabularies of other families than BERT's lack the usual ones: there ColBERT marks
 * queries and passages alike, with the unknown token.
 */
function markerOf(marker: string, tokenizer: TextTokenizer): string {
  const unknown = tokenizer.roles.get('unk');
  if (tokenizer.idOf(marker) === undefined && MARKERS.includes(marker) && unknown !== undefined)
    return tokenizer.tokens([unknown])[0];
  tokenizer.specialId(marker);
  return marker;
}

/**
 * The tokens that `mask_punctuation` stands for: the first token of each ASCII punctuation character. One that the
 * vocabulary lacks makes the unknown token one of them, as in ColBERT.
 */
export function punctuationTokens(tokenizerJson: JsonObject): string[] {
  const tokenizer = loadTokenizer(tokenizerJson);
  const ids = ASCII_PUNCTUATION.flatMap((symbol) => [...tokenizer.encode(symbol).subarray(0, 1)]);
  return [...new Set(tokenizer.tokens(ids))];
}

/** The content of `artifact.metadata` for settings that Stanford's ColBERT can say. */
export function stanfordMetadata(retrieval: RetrievalSettings): JsonObject {
  return {
    query_token_id: retrieval.queryMarker,
    doc_token_id: retrieval.passageMarker,
    query_token: '[Q]',
    doc_token: '[D]',
    dim: retrieval.dim,
    doc_maxlen: retrieval.passageMaxTokens,
    mask_punctuation: retrieval.skipPunctuation || (retrieval.skipTokens ?? []).length > 0,
    query_maxlen: retrieval.augmentedTokens ?? retrieval.queryMaxTokens,
    attend_to_mask_tokens: retrieval.augmentationAttended ?? true,
    interaction: 'colbert',
    similarity: 'cosine',
  };
}
