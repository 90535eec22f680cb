/**
 * Settings of a long command: defaults, then a YAML file, then `--set a.b=c`, checked against a schema. What is
 * wrong is named by its path and by the file and line, or the `--set`, that said it.
 */
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, parse as parseYaml } from 'yaml';
import type { z } from 'zod';
import { readLines } from '../data/lines.ts';
import { nearest, RefractError } from '../errors.ts';
import { isText, namesOf, nodeAt, type SchemaNode, settingShape, wordsOf } from './setting-schema.ts';

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

/**
 * Resolves and checks settings. `defaults`, for instance a preset, may be partial where the schema has defaults.
 *
 * Throws `SETTING_UNKNOWN` (a name that does not exist, with the nearest), `SETTING_INVALID` (a value of the
 * wrong type or out of range, with its path; a misspelt one of a fixed list of words, with the nearest; a value that
 * is missing, or a default that does not go with the rest, with the file), and for the file `FILE_MISSING`,
 * `FILE_EMPTY`, `FILE_ENCODING` and `FILE_FORMAT` (not YAML, or no mapping; with the line).
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
  const shape = settingShape(schema);
  const layers: Layer[] = [];
  if (configFile !== undefined) layers.push(await readLayer(configFile));
  for (const set of sets) layers.push(setLayer(set, shape));
  for (const layer of layers) checkNames(layer, shape);
  const merged = layers.reduce<SettingTree>((tree, layer) => merge(tree, layer.tree), defaults);
  const result = schema.safeParse(merged);
  if (result.success) return result.data;
  checkWords(merged, shape, layers);
  const [issue] = result.error.issues;
  const path = issue.path.map(String);
  const said = layers.findLast((layer) => saidBy(layer, path));
  // What nobody said is looked for in the file: it is where it can be said.
  const source = said ?? layers.find(({ at }) => at === configFile);
  const missing = said === undefined && issue.code !== 'custom' && !saidBy({ tree: defaults }, path);
  throw new RefractError(
    'SETTING_INVALID',
    `${path.join('.') || 'settings'}: ${missing ? 'is not given' : issue.message}`,
    { at: source?.at, line: source?.lineOf(path), hint: wayOut(path, shape, said !== undefined) },
  );
}

/** What to do about a value that is wrong, one that is missing, or a default that does not go with the rest. */
function wayOut(path: Path, shape: SchemaNode, said: boolean): string {
  const prefixes = path.map((_, i) => path.slice(0, i + 1));
  const defaulted = said ? undefined : prefixes.find((each) => nodeAt(shape, each)?.default !== undefined);
  if (defaulted) {
    const name = defaulted.join('.');
    return `${name} is not set, so its default ${written(nodeAt(shape, defaulted)?.default)} holds; set it in the file, or with --set ${name}=....`;
  }
  const words = wordsOf(nodeAt(shape, path));
  if (words) return `Possible values of ${path.join('.')}: ${words.join(', ')}.`;
  return `${said ? 'Correct' : 'Add'} the value; the --help of the command and docs/commands.md list the settings.`;
}

/** A value as YAML has it in one line. */
function written(value: unknown): string {
  return JSON.stringify(value).replaceAll(',', ', ').replaceAll('"', '');
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
        if (isSeq(node)) {
          node = node.items[Number(name)];
          if (isScalar(node) && node.range) line = lines.linePos(node.range[0]).line;
          continue;
        }
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

/** Throws `SETTING_INVALID`, with the nearest, for the first value that is none of the words a setting can be. */
function checkWords(settings: SettingTree, shape: SchemaNode, layers: readonly Layer[]): void {
  const visit = (value: unknown, path: Path): void => {
    if (isTree(value) || Array.isArray(value))
      for (const [name, part] of Object.entries(value)) visit(part, [...path, name]);
    else if (typeof value === 'string') {
      const words = wordsOf(nodeAt(shape, path));
      if (words !== undefined && !words.includes(value)) throw unknownWord(value, path, words, layers);
    }
  };
  visit(settings, []);
}

function unknownWord(
  value: string,
  path: Path,
  words: readonly string[],
  layers: readonly Layer[],
): RefractError {
  const source = layers.findLast((layer) => saidBy(layer, path));
  const near = nearest(value, words);
  const list = `Possible values: ${words.join(', ')}.`;
  return new RefractError('SETTING_INVALID', `${path.join('.')}: "${value}" is not a possible value`, {
    at: source?.at,
    line: source?.lineOf(path),
    hint: near === undefined ? list : `Did you mean ${near}? ${list}`,
  });
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

/** Whether settings say something at `path`, or in its place. */
function saidBy(layer: Pick<Layer, 'tree'>, path: Path): boolean {
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
