/** Tokenizers for tests, small enough to work their tokens out by hand. */
import { loadTokenizer, type TextTokenizer } from '../text/tokenizer.ts';

/** What a test tokenizer may differ in. */
export interface FixtureTokenizer {
  readonly vocabulary: readonly string[];
  readonly stripAccents?: boolean;
  readonly lowercase?: boolean;
}

/** BERT's special tokens with the ids 0 to 4. */
export const SPECIAL = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'] as const;

/** A WordPiece tokenizer in the layout of BERT's. */
export function wordPiece({
  vocabulary,
  stripAccents = false,
  lowercase = true,
}: FixtureTokenizer): TextTokenizer {
  return loadTokenizer(wordPieceJson({ vocabulary, stripAccents, lowercase }));
}

/** The content of its `tokenizer.json`. */
export function wordPieceJson({
  vocabulary,
  stripAccents = false,
  lowercase = true,
}: FixtureTokenizer): Record<string, unknown> {
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: SPECIAL.map((content, id) => ({
      id,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: {
      type: 'BertNormalizer',
      clean_text: true,
      handle_chinese_chars: true,
      strip_accents: stripAccents,
      lowercase,
    },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: null,
    decoder: { type: 'WordPiece', prefix: '##', cleanup: false },
    model: {
      type: 'WordPiece',
      unk_token: '[UNK]',
      continuing_subword_prefix: '##',
      max_input_chars_per_word: 100,
      vocab: Object.fromEntries([...SPECIAL, ...vocabulary].map((token, id) => [token, id])),
    },
  };
}

/** A vocabulary of single letters, at the begin of words and inside. */
export function letters(text: string): string[] {
  return [...new Set(text)].flatMap((letter) => [letter, `##${letter}`]);
}
