/** What settings there are, and what they can be: questions to the JSON schema of a command's or a study's settings. */
import { z } from 'zod';

/** The part of a JSON schema that is looked at. */
export interface SchemaNode {
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly additionalProperties?: boolean | SchemaNode;
  readonly anyOf?: readonly SchemaNode[];
  readonly oneOf?: readonly SchemaNode[];
  readonly allOf?: readonly SchemaNode[];
  readonly items?: SchemaNode;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly default?: unknown;
}

/** The JSON schema of what is to be written, with everything in its place. */
export function settingShape(schema: z.ZodType): SchemaNode {
  return JSON.parse(
    JSON.stringify(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any', reused: 'inline' })),
  );
}

/** The schema of the setting at `path`; undefined where any name is allowed or the path leads nowhere. */
export function nodeAt(shape: SchemaNode, path: readonly string[]): SchemaNode | undefined {
  let node: SchemaNode | undefined = shape;
  for (const name of path) {
    const parts: readonly SchemaNode[] = node === undefined ? [] : branches(node);
    const items = /^\d+$/.test(name) ? parts.flatMap((part) => part.items ?? []) : [];
    const open = parts.find((part) => typeof part.additionalProperties === 'object');
    const own = parts.flatMap((part) =>
      part.properties && Object.hasOwn(part.properties, name) ? [part.properties[name]] : [],
    );
    // Alternatives may each have the name, with other names under it.
    if (own.length > 1) node = { anyOf: own };
    else
      node =
        own[0] ??
        items[0] ??
        (typeof open?.additionalProperties === 'object' ? open.additionalProperties : undefined);
  }
  return node;
}

/** The names that may stand under a node; undefined where any may. */
export function namesOf(node: SchemaNode): string[] | undefined {
  const parts = branches(node);
  if (parts.some((part) => typeof part.additionalProperties === 'object')) return undefined;
  if (!parts.some((part) => part.properties || part.type)) return undefined;
  return [...new Set(parts.flatMap((part) => Object.keys(part.properties ?? {})))];
}

/** A node and the alternatives or parts that it is made of. */
function branches(node: SchemaNode): SchemaNode[] {
  const inner = [...(node.anyOf ?? []), ...(node.oneOf ?? []), ...(node.allOf ?? [])];
  return [node, ...inner.flatMap(branches)];
}

/** The words that a setting can be; undefined where it can be any text, or no text at all. */
export function wordsOf(node: SchemaNode | undefined): string[] | undefined {
  if (node === undefined) return undefined;
  const leaves = branches(node).filter((part) => !(part.anyOf ?? part.oneOf ?? part.allOf));
  const listed = leaves.map((part) => part.enum ?? (part.const === undefined ? undefined : [part.const]));
  const open = (part: SchemaNode) => part.type === undefined || [part.type].flat().includes('string');
  if (leaves.some((part, i) => listed[i] === undefined && open(part))) return undefined;
  const words = listed.flatMap((each) => each ?? []).filter((word) => typeof word === 'string');
  return words.length === 0 ? undefined : [...new Set(words)];
}

/** Whether a setting can be nothing but text, so that `--set tag=1.0` keeps its spelling. */
export function isText(node: SchemaNode | undefined): boolean {
  return node?.type === 'string';
}
