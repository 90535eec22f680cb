/**
 * What happens to text before byte-pair encoding: the normalizer, pre-tokenizer, post-processor and
 * decoder of the tokenizers Refract trains, as parts of a `tokenizer.json`.
 *
 * 1. Normalise: NFC, invisible formatting removed (soft hyphen, zero-width space, bidirectional marks,
 *    byte-order mark; not the joiners U+200C and U+200D, which carry meaning in Persian and Devanagari),
 *    lower case, final sigma folded into sigma (it is a matter of position, not of spelling).
 * 2. Split at white space; set every punctuation mark and symbol (`\p{P}`, `\p{S}`) apart. Combining
 *    marks (`\p{M}`) are neither, so matras, harakat, and tone marks stay with their letters.
 * 3. Mark the beginning of every piece with U+2581. A word has the same tokens after a bracket as
 *    after a space, as in BERT; a retrieval model need not learn that twice.
 * 4. Split digits off letters, in groups of at most three; later groups of a number carry no mark.
 *
 * Every step is local to a run of non-space characters: the trainer counts on that. The steps are
 * chosen so that the JavaScript and the Python implementation of `tokenizers` give equal results.
 */
import type { Json, JsonObject } from './tokenizer-json.ts';

/** U+2581, the mark at the beginning of a word. */
export const WORD_MARK = '▁';

const INVISIBLE = '[\\u00AD\\u200B\\u200E\\u200F\\u202A-\\u202E\\u2060-\\u2064\\u2066-\\u2069\\uFEFF]';

function split(regex: string, behavior: 'Isolated' | 'Removed'): JsonObject {
  return { type: 'Split', pattern: { Regex: regex }, behavior, invert: false };
}

/** The `normalizer` (step 1). */
export function normalizerJson(lowercase: boolean): JsonObject {
  const normalizers: Json[] = [
    { type: 'NFC' },
    { type: 'Replace', pattern: { Regex: INVISIBLE }, content: '' },
  ];
  if (lowercase) {
    normalizers.push({ type: 'Lowercase' }, { type: 'Replace', pattern: { String: 'ς' }, content: 'σ' });
  }
  return { type: 'Sequence', normalizers };
}

/** The `pre_tokenizer` (steps 2 to 4). */
export function preTokenizerJson(): JsonObject {
  return {
    type: 'Sequence',
    pretokenizers: [
      split('\\s+', 'Removed'),
      split('[\\p{P}\\p{S}]', 'Isolated'),
      { type: 'Metaspace', replacement: WORD_MARK, prepend_scheme: 'always', split: false },
      split(`${WORD_MARK}?\\p{N}{1,3}`, 'Isolated'),
    ],
  };
}

/** The `decoder`: bytes become characters again, marks become spaces. */
export function decoderJson(): JsonObject {
  return {
    type: 'Sequence',
    decoders: [
      { type: 'ByteFallback' },
      { type: 'Metaspace', replacement: WORD_MARK, prepend_scheme: 'always', split: false },
    ],
  };
}

/** The `post_processor` of BERT: `[CLS] A [SEP]`, and `[CLS] A [SEP] B [SEP]` for a pair. */
export function bertTemplateJson(cls: string, clsId: number, sep: string, sepId: number): JsonObject {
  const special = (id: string, type_id: number): JsonObject => ({ SpecialToken: { id, type_id } });
  const sequence = (id: string, type_id: number): JsonObject => ({ Sequence: { id, type_id } });
  const single = [special(cls, 0), sequence('A', 0), special(sep, 0)];
  return {
    type: 'TemplateProcessing',
    single,
    pair: [...single, sequence('B', 1), special(sep, 1)],
    special_tokens: {
      [cls]: { id: cls, ids: [clsId], tokens: [cls] },
      [sep]: { id: sep, ids: [sepId], tokens: [sep] },
    },
  };
}
