/** What a tokenizer puts around one text or two: the kinds of `post_processor` in a `tokenizer.json`. */
import type { Json, JsonObject } from '../tokenizer-json.ts';
import { ComponentFault, type Makers, make, membersOf, objectOf } from './component.ts';

/** A part of a template: special tokens, or one of the texts; with the token type (segment) it gets. */
export type TemplatePart =
  | { readonly ids: readonly number[]; readonly type: number }
  | { readonly sequence: 0 | 1; readonly type: number };

/** What is put around texts. */
export interface Template {
  readonly single: readonly TemplatePart[];
  readonly pair: readonly TemplatePart[];
  /** White space that is taken off the places of tokens: once for each entry, which says whether a space was put first. */
  readonly trims: readonly boolean[];
}

const TEXTS: Pick<Template, 'single' | 'pair'> = {
  single: [{ sequence: 0, type: 0 }],
  pair: [
    { sequence: 0, type: 0 },
    { sequence: 1, type: 1 },
  ],
};

/** The template of a file; null puts nothing around. Throws `ComponentFault`. */
export function templateOf(part: Json | undefined): Template {
  if (part === null || part === undefined) return { ...TEXTS, trims: [] };
  return make('post_processor', part, MAKERS);
}

const MAKERS: Makers<Template> = {
  TemplateProcessing: (part) => {
    const tokens = objectOf('special_tokens of TemplateProcessing', part.special_tokens);
    const parts = (name: string) => partsOf(part[name], tokens);
    return { single: parts('single'), pair: parts('pair'), trims: [] };
  },
  BertProcessing: (part) => {
    const [cls, sep] = [idIn(part, 'cls'), idIn(part, 'sep')];
    const single = framed(cls, sep);
    return { single, pair: [...single, { sequence: 1, type: 1 }, { ids: [sep], type: 1 }], trims: [] };
  },
  RobertaProcessing: (part) => {
    const [cls, sep] = [idIn(part, 'cls'), idIn(part, 'sep')];
    const single = framed(cls, sep);
    const pair: TemplatePart[] = [
      ...single,
      { ids: [sep], type: 0 },
      { sequence: 1, type: 0 },
      { ids: [sep], type: 0 },
    ];
    return { single, pair, trims: trimsOf(part) };
  },
  ByteLevel: (part) => ({ ...TEXTS, trims: trimsOf(part) }),
  Sequence: (part) => {
    const members = membersOf(part, 'processors').map(templateOf);
    const framing = members.filter(({ single }) => single !== TEXTS.single);
    if (framing.length > 1)
      throw new ComponentFault('a post_processor Sequence puts tokens around texts twice');
    return { ...(framing[0] ?? TEXTS), trims: members.flatMap(({ trims }) => trims) };
  },
};

function framed(cls: number, sep: number): TemplatePart[] {
  return [
    { ids: [cls], type: 0 },
    { sequence: 0, type: 0 },
    { ids: [sep], type: 0 },
  ];
}

function trimsOf({ trim_offsets: trims = true, add_prefix_space: prefix = true }: JsonObject): boolean[] {
  return trims === true ? [prefix === true] : [];
}

/** The id in a pair of token and id. */
function idIn(part: JsonObject, name: string): number {
  const pair = part[name];
  const id = Array.isArray(pair) ? pair[1] : undefined;
  if (typeof id !== 'number') throw new ComponentFault(`${part.type} needs ${name}, a token with its id`);
  return id;
}

function partsOf(template: Json | undefined, tokens: JsonObject): TemplatePart[] {
  if (!Array.isArray(template)) throw new ComponentFault('TemplateProcessing lacks single or pair');
  return template.map((entry: Json): TemplatePart => {
    const { Sequence: sequence, SpecialToken: special } = objectOf('part of a template', entry);
    const named = objectOf('part of a template', sequence ?? special);
    const type = typeof named.type_id === 'number' ? named.type_id : 0;
    if (sequence !== undefined) return { sequence: named.id === 'B' ? 1 : 0, type };
    const { ids } = objectOf(`special token ${named.id} of TemplateProcessing`, tokens[String(named.id)]);
    if (!Array.isArray(ids)) throw new ComponentFault(`the special token ${named.id} has no ids`);
    return { ids: ids.map(Number), type };
  });
}

/** Refuses ids that a vocabulary of `vocabSize` ids does not have. Throws `ComponentFault`. */
export function checkTemplate({ single, pair }: Template, vocabSize: number): void {
  const ids = [...single, ...pair].flatMap((part) => ('ids' in part ? part.ids : []));
  const beyond = ids.find((id) => !Number.isInteger(id) || id < 0 || id >= vocabSize);
  if (beyond === undefined) return;
  throw new ComponentFault(`the post_processor puts the id ${beyond} around texts, of ${vocabSize} ids`);
}

/** Number of tokens that a template puts around its texts. */
export function addedCount(parts: readonly TemplatePart[]): number {
  return parts.reduce((sum, part) => sum + ('ids' in part ? part.ids.length : 0), 0);
}
