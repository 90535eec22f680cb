/** A reader with the words of a language pack: what it learnt in English, it does in the pack's languages. */
import { RefractError } from '../errors.ts';
import { tokenizerFingerprint } from '../text/tokenizer-json.ts';
import type { RetrieverCheckpoint } from './checkpoint.ts';
import { WORD_TABLE } from './families/index.ts';
import { checkPackFits } from './fingerprint.ts';
import type { ReaderCheckpoint } from './span-reader.ts';

/**
 * The reader with the pack's word table, and with its readings, in the place of its own. All else stays the
 * reader's. It must come from the pack's teacher, with that teacher's word table, which was frozen while it learnt:
 * then a word of the pack stands where the reader expects the English word that it means.
 *
 * @param at the pack's folder, for messages
 * @throws RefractError `TEACHER_MISMATCH` when the reader has a word table of its own, when `pack` is no pack, or one
 *   of another teacher; `TOKENIZER_MISMATCH`
 * @example
 * const reader = withWordsOf(readReader('reader'), readCheckpoint('packs/sw'), 'packs/sw');
 * const spans = await SpanReader.fromCheckpoint(reader); // reads questions in Swahili
 */
export function withWordsOf(
  reader: ReaderCheckpoint,
  pack: RetrieverCheckpoint,
  at: string,
): ReaderCheckpoint {
  const { teacher } = reader.settings;
  if (teacher === undefined)
    throw new RefractError('TEACHER_MISMATCH', "the reader has not its teacher's word table", {
      at,
      hint: 'Train one that has: refract train-reader --base TEACHER --set train.freeze=[word_embeddings].',
    });
  if (pack.settings.kind !== 'pack')
    throw new RefractError('TEACHER_MISMATCH', 'this is a teacher, not a language pack', {
      at,
      hint: 'Leave --pack out to read in the language of the reader, or give the folder that refract distill wrote.',
    });
  checkPackFits(pack.settings, teacher, at);
  if (tokenizerFingerprint(pack.tokenizerJson) !== tokenizerFingerprint(reader.tokenizerJson))
    throw new RefractError('TOKENIZER_MISMATCH', "the pack has another tokenizer than the reader's", {
      at,
      hint: 'Copy both folders again, or distill the pack again.',
    });
  const { readings } = pack;
  return {
    ...reader,
    config: { ...reader.config, vocabSize: pack.config.vocabSize },
    tensors: new Map([...reader.tensors, [WORD_TABLE, pack.tensors.get(WORD_TABLE)!]]),
    readings,
    settings: {
      ...reader.settings,
      teacher: undefined,
      languages: [...new Set([...reader.settings.languages, ...pack.settings.languages])],
      readings: readings !== undefined,
    },
  };
}
