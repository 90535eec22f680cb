/**
 * Settings of a long command: defaults, then a YAML file, then `--set a.b=c`, checked against a schema. What is
 * wrong is named by its path and by the file and line, or the `--set`, that said it.
 */
import { isAlias, isMap, isScalar, LineCounter, parseDocument, parse as parseYaml } from 'yaml';
import { z } from 'zod';
import { readLines } from '../data/lines.ts';
import { nearest, RefractError } from '../errors.ts';

/** Where settings come from, the later over the earlier: `configFile`, then `sets` in their order. */
export interface SettingSources {
  /** A YAML file. */
  readonly configFile?: string;
  /** Each `path.of.setting=value`; the value is read as YAML. */
  readonly sets?: readonly string[];
}

/** A nested object of settings; leaves are what YAML can say. */
export interface SettingTree {
  readonly [name: string]: unknown;
}

type Path = readonly string[];

/** Settings of one source, and where each of them was said. */
interface Layer {
  readonly at: string;
  readonly tree: SettingTree;
  readonly lineOf: (path: Path) => number | undefined;
}

/** The part of a JSON schema that is looked at. */
interface SchemaNode {
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly additionalProperties?: boolean | SchemaNode;
  readonly anyOf?: readonly SchemaNode[];
  readonly oneOf?: readonly SchemaNode[];
  readonly allOf?: readonly SchemaNode[];
}

/**
 * Resolves and checks settings. `defaults`, for instance a preset, may be partial where the schema has defaults.
 *
 * Throws `SETTING_UNKNOWN` (a name that does not exist, with the nearest), `SETTING_INVALID` (a value of the
 * wrong type or out of range, with its path), and for the file `FILE_MISSING`, `FILE_EMPTY`, `FILE_ENCODING` and
 * `FILE_FORMAT` (not YAML, or no mapping; with the line).
 *
 * @example
 * const schema = z.object({ train: z.object({ steps: z.int().positive(), rate: z.number() }) });
 * await resolveSettings(schema, { train: { steps: 100, rate: 1e-3 } }, { sets: ['train.rate=3e-4'] });
 * // { train: { steps: 100, rate: 0.0003 } }
 */
export async function resolveSettings<Schema extends z.ZodType>(
  schema: Schema,
  defaults: SettingTree,
  { configFile, sets = [] }: SettingSources,
): Promise<z.output<Schema>> {
  const shape: SchemaNode = JSON.parse(
    JSON.stringify(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any', reused: 'inline' })),
  );
  const layers: Layer[] = [];
  if (configFile !== undefined) layers.push(await readLayer(configFile));
  for (const set of sets) layers.push(setLayer(set, shape));
  for (const layer of layers) checkNames(layer, shape);
  const merged = layers.reduce<SettingTree>((tree, layer) => merge(tree, layer.tree), defaults);
  const result = schema.safeParse(merged);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const path = issue.path.map(String);
  const source = layers.findLast((layer) => saidBy(layer, path));
  throw new RefractError('SETTING_INVALID', `${path.join('.') || 'settings'}: ${issue.message}`, {
    at: source?.at,
    line: source?.lineOf(path),
    hint: 'Correct the value; the --help of the command and docs/commands.md list the settings.',
  });
}

async function readLayer(file: string): Promise<Layer> {
  let text = '';
  for await (const line of readLines(file)) text += `${line.text}\n`;
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const [error] = document.errors;
  if (error !== undefined)
    throw new RefractError('FILE_FORMAT', `is not YAML: ${error.message.split('\n')[0]}`, {
      at: file,
      line: lines.linePos(error.pos[0]).line,
      hint: 'Correct the line; a setting is written "name: value", nested ones are indented by spaces.',
      cause: error,
    });
  if (!isMap(document.contents))
    throw new RefractError('FILE_FORMAT', 'holds no settings', {
      at: file,
      hint: 'Write settings as "name: value", one a line.',
    });
  return {
    at: file,
    tree: document.toJS() as SettingTree,
    lineOf(path) {
      let line: number | undefined;
      let node: unknown = document.contents;
      for (const name of path) {
        if (isAlias(node)) node = node.resolve(document);
        if (!isMap(node)) break;
        const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === name);
        if (pair === undefined) break;
        if (isScalar(pair.key) && pair.key.range) line = lines.linePos(pair.key.range[0]).line;
        node = pair.value;
      }
      return line;
    },
  };
}

function setLayer(set: string, shape: SchemaNode): Layer {
  const at = `--set ${set}`;
  const cut = set.indexOf('=');
  const path = set.slice(0, cut).trim().split('.');
  if (cut < 1 || path.includes(''))
    throw new RefractError('SETTING_INVALID', 'is not of the form path.of.setting=value', {
      at,
      hint: 'Write for example --set train.steps=500.',
    });
  const text = set.slice(cut + 1);
  let value: unknown = text;
  if (!isText(nodeAt(shape, path))) {
    try {
      value = parseYaml(text);
    } catch (cause) {
      throw new RefractError('SETTING_INVALID', `the value "${text}" cannot be read`, {
        at,
        hint: 'Write a number, true, false, a word, or a list such as [1, 2].',
        cause,
      });
    }
  }
  const tree = path.reduceRight<unknown>((inner, name) => Object.fromEntries([[name, inner]]), value);
  return { at, tree: tree as SettingTree, lineOf: () => undefined };
}

/** Throws `SETTING_UNKNOWN` for the first name of the layer that the schema does not have. */
function checkNames(layer: Layer, shape: SchemaNode): void {
  const visit = (tree: SettingTree, path: Path): void => {
    const node = nodeAt(shape, path);
    const known = node === undefined ? undefined : namesOf(node);
    for (const [name, value] of Object.entries(tree)) {
      const here = [...path, name];
      if (known !== undefined && !known.includes(name)) throw unknownSetting(layer, here, known);
      if (isTree(value)) visit(value, here);
    }
  };
  visit(layer.tree, []);
}

function unknownSetting(layer: Layer, path: Path, known: readonly string[]): RefractError {
  const name = path[path.length - 1];
  const full = (last: string) => [...path.slice(0, -1), last].join('.');
  const near = nearest(name, known);
  const list =
    known.length > 0 ? `Settings here: ${known.map(full).join(', ')}.` : 'It takes a value, not names.';
  return new RefractError('SETTING_UNKNOWN', `there is no setting ${path.join('.')}`, {
    at: layer.at,
    line: layer.lineOf(path),
    hint: near === undefined ? list : `Did you mean ${full(near)}? ${list}`,
  });
}

/** The schema of the setting at `path`; undefined where any name is allowed or the path leads nowhere. */
function nodeAt(shape: SchemaNode, path: Path): SchemaNode | undefined {
  let node: SchemaNode | undefined = shape;
  for (const name of path) {
    const parts: readonly SchemaNode[] = node === undefined ? [] : branches(node);
    const open = parts.find((part) => typeof part.additionalProperties === 'object');
    const own = parts.flatMap((part) =>
      part.properties && Object.hasOwn(part.properties, name) ? [part.properties[name]] : [],
    );
    // Alternatives may each have the name, with other names under it.
    if (own.length > 1) node = { anyOf: own };
    else
      node =
        own[0] ?? (typeof open?.additionalProperties === 'object' ? open.additionalProperties : undefined);
  }
  return node;
}

/** The names that may stand under a node; undefined where any may. */
function namesOf(node: SchemaNode): string[] | undefined {
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

/** Whether a setting can be nothing but text, so that `--set tag=1.0` keeps its spelling. */
function isText(node: SchemaNode | undefined): boolean {
  return node?.type === 'string';
}

/** `over` laid over `under`; only objects are merged, lists and values are replaced. */
function merge(under: SettingTree, over: SettingTree): SettingTree {
  const merged = new Map(Object.entries(under));
  for (const [name, value] of Object.entries(over)) {
    const old = merged.get(name);
    merged.set(name, isTree(old) && isTree(value) ? merge(old, value) : value);
  }
  return Object.fromEntries(merged);
}

function saidBy(layer: Layer, path: Path): boolean {
  let value: unknown = layer.tree;
  for (const name of path) {
    // A list or value that was said as a whole: the fault may lie within.
    if (!isTree(value)) return true;
    if (!Object.hasOwn(value, name)) return false;
    value = value[name];
  }
  return true;
}

function isTree(value: unknown): value is SettingTree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
