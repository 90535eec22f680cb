/**
 * Which special token plays which role. Families spell them differently, `[CLS]` or `<s>`, and say so in different
 * files; some roles may be played by none.
 */
import { z } from 'zod';
import type { Template, TemplatePart } from './tokenize/template.ts';
import type { TokenizerJson } from './tokenizer-json.ts';

/** Begins a text; ends one; fills up a batch; hides a token; stands for what is unknown. */
export const TOKEN_ROLES = ['cls', 'sep', 'pad', 'mask', 'unk'] as const;
export type TokenRole = (typeof TOKEN_ROLES)[number];

/** What the roles are called in messages and, with `_token`, in `tokenizer_config.json`. */
export const ROLE_NAMES: Readonly<Record<TokenRole, string>> = {
  cls: 'begins a text',
  sep: 'ends a text',
  pad: 'fills up a batch',
  mask: 'hides a token',
  unk: 'stands for unknown characters',
};

/** Usual spellings, those of BERT first, then those of SentencePiece and RoBERTa, then those of Gemma. */
export const USUAL_TOKENS: Readonly<Record<TokenRole, readonly string[]>> = {
  cls: ['[CLS]', '<s>', '<cls>', '<bos>'],
  sep: ['[SEP]', '</s>', '<sep>', '<eos>'],
  pad: ['[PAD]', '<pad>'],
  mask: ['[MASK]', '<mask>'],
  unk: ['[UNK]', '<unk>'],
};

/** Settings that name a token of the role, the role's own first: what begins a text is also called bos, its end eos. */
const SETTINGS: Readonly<Record<TokenRole, readonly string[]>> = {
  cls: ['cls_token', 'bos_token'],
  sep: ['sep_token', 'eos_token'],
  pad: ['pad_token'],
  mask: ['mask_token'],
  unk: ['unk_token'],
};

/** A token in `tokenizer_config.json` or `special_tokens_map.json`: its text, or an object with it. */
const namedToken = z.union([
  z.string(),
  z.object({ content: z.string() }).transform(({ content }) => content),
]);

/**
 * Ids of the roles that are played. The files that name tokens have the first word, then what `tokenizer.json` does
 * with a token, then the usual spellings. A name that is no token of the vocabulary does not count.
 *
 * @param files `tokenizer_config.json`, `special_tokens_map.json`, as far as they are there
 * @param idOf the id of a token; undefined when there is none
 * @example rolesOf(json, template, [{ cls_token: '<s>' }], idOf).get('cls') // 0
 */
export function rolesOf(
  json: TokenizerJson,
  template: Template,
  files: readonly { readonly [key: string]: unknown }[],
  idOf: (token: string) => number | undefined,
): ReadonlyMap<TokenRole, number> {
  const used = { ...usedInTemplate(template.single), pad: paddingId(json), unk: unknownId(json, idOf) };
  const roles = new Map<TokenRole, number>();
  for (const role of TOKEN_ROLES) {
    const [own, ...others] = SETTINGS[role];
    const named = (names: readonly string[]) =>
      files.flatMap((file) =>
        names.flatMap((name) => {
          const token = namedToken.safeParse(file[name]);
          return token.success ? [token.data] : [];
        }),
      );
    const idsOf = (tokens: readonly string[]) => tokens.map(idOf);
    const id = [
      ...idsOf(named([own])),
      role === 'mask' ? undefined : used[role],
      ...idsOf(USUAL_TOKENS[role]),
      ...idsOf(named(others)),
    ].find((each) => each !== undefined);
    if (id !== undefined) roles.set(role, id);
  }
  return roles;
}

/** The last special token before the text, and the first after it. */
function usedInTemplate(parts: readonly TemplatePart[]): { cls?: number; sep?: number } {
  const at = parts.findIndex((part) => 'sequence' in part);
  const before = parts.slice(0, Math.max(at, 0)).flatMap((part) => ('ids' in part ? part.ids : []));
  const after = parts.slice(at + 1).flatMap((part) => ('ids' in part ? part.ids : []));
  return { cls: before.at(-1), sep: after[0] };
}

function paddingId({ padding }: TokenizerJson): number | undefined {
  const settings = z.object({ pad_id: z.int().nonnegative() }).safeParse(padding);
  return settings.success ? settings.data.pad_id : undefined;
}

function unknownId(
  { model }: TokenizerJson,
  idOf: (token: string) => number | undefined,
): number | undefined {
  if (typeof model.unk_id === 'number') return model.unk_id;
  return typeof model.unk_token === 'string' ? idOf(model.unk_token) : undefined;
}
