/** Tokens back to text, by the `decoder` of a `tokenizer.json`, with `@huggingface/tokenizers`. */
import { Tokenizer as LibraryTokenizer } from '@huggingface/tokenizers';
import type { TokenizerJson } from '../tokenizer-json.ts';
import { ComponentFault } from './component.ts';

/** Text from tokens. */
export type TokenDecoder = (tokens: string[]) => string;

const KINDS = [
  'BPEDecoder',
  'ByteFallback',
  'ByteLevel',
  'CTC',
  'Fuse',
  'Metaspace',
  'Replace',
  'Sequence',
  'Strip',
  'WordPiece',
];

/** The decoder of a file; with none, tokens stand with spaces between. Throws `ComponentFault`. */
export function tokenDecoderOf(json: TokenizerJson): TokenDecoder {
  const kind = json.decoder?.type;
  if (kind !== undefined && !KINDS.includes(String(kind)))
    throw new ComponentFault(`the decoder ${kind} is not supported`, KINDS);
  // The library needs a model to make a decoder; it does not ask it.
  const { decoder } = new LibraryTokenizer(
    {
      ...json,
      decoder: json.decoder ?? null,
      normalizer: null,
      pre_tokenizer: null,
      post_processor: null,
      model: { type: 'WordPiece', vocab: {}, unk_token: '[UNK]', continuing_subword_prefix: '##' },
    },
    {},
  );
  // The library's byte decoders would leave out U+FEFF.
  for (const each of decoder?.decoders ?? [decoder])
    if (each?.text_decoder) each.text_decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  const suffix = json.model.end_of_word_suffix;
  const end = typeof suffix === 'string' ? suffix : '';
  if (decoder && end !== '') decoder.end_of_word_suffix = end;
  return (tokens) => {
    const text = decoder ? decoder.decode(tokens) : tokens.join(' ');
    return decoder && end !== '' ? text.replaceAll(end, ' ') : text;
  };
}
