/**
 * Bitext as TMX (Translation Memory eXchange 1.4). The file is streamed: one translation unit at a time is
 * cut out of the lines and parsed, so that size does not matter and every pair knows its line.
 */
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { RefractError } from '../errors.ts';
import { type Bitext, type BitextPair, type BitextSettings, sourceFromName } from './bitext-pair.ts';
import { countSkipped, emptyReport } from './bitext-report.ts';
import { languageName, sameLanguage } from './language.ts';
import { readLines } from './lines.ts';

/** A node of the ordered tree: one key for the element, `:@` for its attributes, `#text` for text. */
interface XmlNode {
  readonly [name: string]: readonly XmlNode[] | Readonly<Record<string, string>> | string | undefined;
}

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  trimValues: false,
  parseTagValue: false,
  parseAttributeValue: false,
  htmlEntities: true, // numeric character references too
});

/** Inline elements whose content is formatting code of another program, not words. */
const CODE_ELEMENTS = new Set(['bpt', 'ept', 'ph', 'it', 'ut']);
const MARKERS = /<!--|-->|<tu(?=[\s>])|<\/tu\s*>/g;

/**
 * Reads the units that have both languages, compared without region and script (`EN-US` is `en`).
 *
 * Errors: those of `readLines`; `LINE_FORMAT` (a unit that is not well-formed XML), `FILE_FORMAT` (no TMX, or
 * cut off), `BITEXT_EMPTY` (no unit has both languages; those found are named), `COLUMN_MISSING` (strict: a
 * unit lacks a language).
 *
 * @example await readBitextTmx('en-so.tmx.gz', { language: 'so', pivotLanguage: 'en', strict: false })
 */
export async function readBitextTmx(path: string, settings: BitextSettings): Promise<Bitext> {
  const pairs: BitextPair[] = [];
  const report = emptyReport([path]);
  const source = sourceFromName(path);
  const found = new Set<string>();
  for await (const { line, xml } of readUnits(path)) {
    report.read++;
    const segments = parseUnit(path, line, xml);
    for (const { language } of segments) found.add(language);
    const text = (code: string) => segments.find(({ language }) => sameLanguage(language, code))?.text;
    const pivot = text(settings.pivotLanguage);
    const target = text(settings.language);
    if (pivot !== undefined && target !== undefined) {
      pairs.push({ pivot, target, language: settings.language, source, at: path, line });
      continue;
    }
    if (settings.strict)
      throw new RefractError('COLUMN_MISSING', 'the translation unit lacks one of the two languages', {
        at: path,
        line,
        hint: 'Correct the unit, or leave --strict out to skip and count such units.',
      });
    countSkipped(report, 'side', { at: path, line });
  }
  report.kept = pairs.length;
  const { pivotLanguage, language } = settings;
  if (pairs.length === 0)
    throw new RefractError('BITEXT_EMPTY', `no unit has both ${pivotLanguage} and ${language}`, {
      at: path,
      hint: `The ${report.read} units have: ${[...found].join(', ') || 'no language'}; check --language.`,
    });
  const layout = `units: ${languageName(pivotLanguage)} and ${languageName(language)} of ${[...found].join(', ')}`;
  return { pairs, report: { ...report, layout: [layout] } };
}

/** Cuts `<tu>...</tu>` out of the lines; comments are dropped. */
async function* readUnits(path: string): AsyncGenerator<{ line: number; xml: string }> {
  let unit: string[] | undefined;
  let start = 0;
  let inComment = false;
  let isTmx = false;
  for await (const { line, text } of readLines(path)) {
    isTmx ||= /<tmx[\s>]/.test(`${text} `);
    const row = `${text}\n`;
    let from = 0;
    for (const { 0: marker, index } of row.matchAll(MARKERS)) {
      const end = index + marker.length;
      if (inComment) {
        if (marker !== '-->') continue;
        inComment = false;
        from = end;
      } else if (marker === '<!--') {
        unit?.push(row.slice(from, index));
        inComment = true;
      } else if (marker === '<tu') {
        if (unit !== undefined) throw brokenUnit(path, start, 'another <tu> begins inside it');
        unit = [];
        start = line;
        from = index;
      } else if (marker !== '-->' && unit !== undefined) {
        unit.push(row.slice(from, end));
        yield { line: start, xml: unit.join('') };
        unit = undefined;
      }
    }
    if (!inComment) unit?.push(row.slice(from));
  }
  if (unit !== undefined) throw brokenUnit(path, start, 'the file ends inside it');
  if (!isTmx)
    throw new RefractError('FILE_FORMAT', 'there is no <tmx> element', {
      at: path,
      hint: 'Give a TMX file, or another format under its own name (.tsv, .jsonl).',
    });
}

function parseUnit(path: string, line: number, xml: string): { language: string; text: string }[] {
  const verdict = XMLValidator.validate(xml);
  if (verdict !== true) throw brokenUnit(path, line, verdict.err.msg);
  const tree: XmlNode[] = parser.parse(xml);
  return children(tree[0], 'tu').flatMap((node) => {
    const segment = children(node, 'tuv').find((child) => child.seg !== undefined);
    const attributes = node[':@'];
    if (segment === undefined || typeof attributes !== 'object' || Array.isArray(attributes)) return [];
    const named = attributes as Readonly<Record<string, string>>;
    const language = named['xml:lang'] ?? named.lang;
    return language === undefined ? [] : [{ language, text: plainText(children(segment, 'seg')) }];
  });
}

function children(node: XmlNode, name: string): readonly XmlNode[] {
  const value = node[name];
  return Array.isArray(value) ? value : [];
}

/** The words of a segment: inline tags are stripped, formatting code inside them is dropped. */
function plainText(nodes: readonly XmlNode[]): string {
  return nodes
    .map((node) => {
      if (typeof node['#text'] === 'string') return node['#text'];
      const name = Object.keys(node).find((key) => key !== ':@');
      return name === undefined || CODE_ELEMENTS.has(name) ? '' : plainText(children(node, name));
    })
    .join('');
}

function brokenUnit(at: string, line: number, what: string): RefractError {
  return new RefractError('LINE_FORMAT', `the translation unit is broken: ${what}`, {
    at,
    line,
    hint: 'Correct the unit or remove it; an XML editor shows the place.',
  });
}
