/**
 * How well the language of short queries is told, by language and length, and which encoder they would go to.
 *
 *     npx tsx bench/language-detection.ts [--kit ../shared/kit] [--fit] [--test] [--unmarked] [--rivals FOLDER]
 *
 * Dev texts are pieces of the kit's dev bitext, and of English dev questions, of 1, 2, 3, 4, 6, 8 and 12 words at a
 * seeded place. "Open" are packs for sw, so, tl and mr over an English teacher: a query in one of the five languages
 * should be told as it, one in another language as none of the five. "All" has a pack for each language of the texts.
 * Each is told by franc alone, and with the character models that `refract distill` would make of the kit's bitext
 * (training parts): of the open packs' languages, and of English. --unmarked takes accents and tone marks off the texts.
 * --fit tries priors, sharpnesses, weights and thresholds. --test takes the queries of the kit's test parts as they are; it is
 * for the final figures alone. --rivals names a folder in whose node_modules franc-min, franc-all, eld and tinyld
 * are installed, and compares them with franc as they come, restricted to the languages of the texts and unrestricted.
 */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { readQueries } from '../src/data/queries.ts';
import { RandomStream } from '../src/random.ts';
import { combineModels } from '../src/search/character-evidence.ts';
import {
  type DetectionOptions,
  evidenceOf,
  languageDistances,
  languageKey,
  mostProbable,
} from '../src/search/language-detection.ts';
import { LEAST_CONFIDENCE } from '../src/search/query-language.ts';
import type { CharacterModel } from '../src/text/character-model.ts';
import { foldDiacritics } from '../src/text/normalize.ts';
import { characterModels } from '../src/train/character-models.ts';

const BITEXT = ['sw', 'so', 'tl', 'mr', 'fr', 'de', 'fi', 'es', 'ru', 'hi', 'tr', 'ar', 'vi'];
const OPEN = ['en', 'sw', 'so', 'tl', 'mr'];
const WORDS = [1, 2, 3, 4, 6, 8, 12];
const SENTENCES = 100;
const TEST_SETS = {
  'indomain-ntrex': ['en', ...BITEXT],
  'indomain-xquad': ['el', 'ro', 'th', 'zh'],
  'ood-afriqa': ['swa', 'hau', 'ibo', 'kin', 'yor', 'zul', 'twi', 'bem'],
};

interface Labelled {
  readonly language: string;
  readonly text: string;
  readonly words: number;
}

type Evidence = ReturnType<typeof evidenceOf>;

/** A text with what the detector measures of it, by what is open. */
interface Measured extends Labelled {
  readonly distances: Awaited<ReturnType<typeof languageDistances>>;
  readonly evidence: { readonly none: undefined; readonly open: Evidence; readonly all: Evidence };
}

/** Right and all, by a name. */
class Tally {
  private readonly counts = new Map<string, [right: number, all: number]>();

  add(name: string | number, right: boolean): void {
    const [before, all] = this.counts.get(`${name}`) ?? [0, 0];
    this.counts.set(`${name}`, [before + Number(right), all + 1]);
  }

  /** The mean over names of the share that was right. */
  mean(): number {
    const shares = [...this.counts.values()].map(([right, all]) => right / all);
    return shares.reduce((sum, each) => sum + each, 0) / shares.length;
  }

  toString(): string {
    return [...this.counts]
      .sort(([a], [b]) => Number(a) - Number(b) || 0)
      .map(([name, [right, all]]) => `${name} ${(right / all).toFixed(2)}`)
      .join('  ');
  }
}

const { values } = parseArgs({
  options: {
    kit: { type: 'string', default: '../shared/kit' },
    fit: { type: 'boolean', default: false },
    test: { type: 'boolean', default: false },
    unmarked: { type: 'boolean', default: false },
    rivals: { type: 'string' },
  },
});
const [openModels, allModels] = [await modelsOf(OPEN.slice(1)), await modelsOf(BITEXT)];
const texts: Measured[] = [];
for (const each of values.test ? await testQueries() : await devPieces()) {
  const text = values.unmarked ? foldDiacritics(each.text) : each.text;
  const evidence = {
    none: undefined,
    open: evidenceOf(text, openModels),
    all: evidenceOf(text, allModels),
  };
  texts.push({ ...each, text, evidence, distances: await languageDistances(text) });
}
const all = [...new Set(texts.map(({ language }) => language))];
console.log(`${texts.length} texts in ${all.length} languages: ${all.join(' ')}`);
if (values.rivals !== undefined) await compareDetectors(values.rivals);
if (values.fit) tryConstants();
report('open, franc alone', OPEN, 'none', {});
report('open, with character models', OPEN, 'open', {});
report('all, franc alone', all, 'none', {});
report('all, with character models', all, 'all', {});
report('open, franc alone, no prior knowledge (prior 1)', OPEN, 'none', { prior: 1 });

/** The models of packs that are made from the kit's bitext, the training parts. */
async function modelsOf(languages: readonly string[]): Promise<Map<string, CharacterModel>> {
  const packs = [];
  for (const language of languages) {
    const rows = readFileSync(join(values.kit, 'train', 'bitext', `en-${language}.train.tsv`), 'utf8');
    const pairs = rows
      .trim()
      .split('\n')
      .map((row) => row.split('\t'))
      .map(([, , pivot, target]) => ({ language, pivot, target }));
    packs.push(await characterModels(pairs, 'en'));
  }
  return combineModels(packs, (code) => languageKey(code) ?? code);
}

async function devPieces(): Promise<Labelled[]> {
  const train = join(values.kit, 'train');
  const questions = await readQueries(join(train, 'teacher', 'queries.dev.jsonl'));
  const sentences = new Map([['en', questions.map(({ text }) => text)]]);
  for (const language of BITEXT) {
    const rows = readFileSync(join(train, 'bitext', `en-${language}.dev.tsv`), 'utf8')
      .trim()
      .split('\n');
    sentences.set(
      language,
      rows.map((row) => row.split('\t')[3]),
    );
  }
  return [...sentences].flatMap(([language, of]) => {
    const stream = new RandomStream(1, `pieces-${language}`);
    return stream
      .shuffle([...of])
      .slice(0, SENTENCES)
      .flatMap((sentence) => {
        const words = sentence.trim().split(/\s+/u);
        return WORDS.filter((count) => count <= words.length).map((count) => {
          const from = stream.below(words.length - count + 1);
          return { language, words: count, text: words.slice(from, from + count).join(' ') };
        });
      });
  });
}

async function testQueries(): Promise<Labelled[]> {
  const labelled: Labelled[] = [];
  for (const [set, languages] of Object.entries(TEST_SETS))
    for (const code of languages)
      for (const { text } of await readQueries(join(values.kit, 'test', set, `queries.${code}.jsonl`))) {
        const count = text.trim().split(/\s+/u).length;
        const words = WORDS.findLast((least) => count >= least) ?? 1;
        labelled.push({ language: languageKey(code) ?? code, words, text });
      }
  return labelled;
}

/** What becomes of texts: the share told rightly, and what goes to a pack that is not the text's. */
function report(
  name: string,
  open: readonly string[],
  models: keyof Measured['evidence'],
  options: DetectionOptions,
): void {
  const [known, unknown, byLanguage] = [new Tally(), new Tally(), new Tally()];
  const sorted = { right: 0, wrong: 0, teacher: 0 };
  let packQueries = 0;
  for (const { language, distances, words, evidence } of texts) {
    const found = mostProbable(distances, open, { ...options, evidence: evidence[models] });
    const believed = found?.candidate === true && found.confidence >= LEAST_CONFIDENCE;
    const pack = believed && found.language !== 'en' ? found.language : undefined;
    const right = open.includes(language) ? believed && found.language === language : !believed;
    (open.includes(language) ? known : unknown).add(words, right);
    byLanguage.add(language, right);
    if (language === 'en' || !open.includes(language)) continue;
    packQueries++;
    sorted[pack === language ? 'right' : pack === undefined ? 'teacher' : 'wrong']++;
  }
  const share = (count: number) => (count / packQueries).toFixed(3);
  console.log(`\n${name}; confidence of at least ${LEAST_CONFIDENCE}`);
  console.log(`  told, by words:             ${known}`);
  console.log(`  others told as none:        ${unknown}`);
  console.log(`  right, by language:         ${byLanguage}`);
  console.log(
    `  queries in packs' languages: to their pack ${share(sorted.right)}, another ${share(sorted.wrong)}, teacher ${share(sorted.teacher)}`,
  );
}

/** Accuracy over priors and sharpnesses, and over thresholds: the mean over languages that are open, and over others. */
function tryConstants(): void {
  console.log(
    '\nprior, sharpness, weight (0: franc alone): open languages told, others told as none, mean (2 to 6 words)',
  );
  const short = texts.filter(({ words }) => words >= 2 && words <= 6);
  for (const [prior, sharpness, weight] of combinations()) {
    const found = short.map((each) => ({
      each,
      found: mostProbable(each.distances, OPEN, {
        prior,
        sharpness,
        weight,
        evidence: each.evidence.open,
      }),
    }));
    for (const least of [0.3, 0.4, 0.5, 0.7]) {
      const [known, unknown] = [new Tally(), new Tally()];
      for (const { each, found: told } of found) {
        const believed = told?.candidate === true && told.confidence >= least;
        if (OPEN.includes(each.language))
          known.add(each.language, believed && told.language === each.language);
        else unknown.add(each.language, !believed);
      }
      const [a, b] = [known.mean(), unknown.mean()];
      const figures = [a, b, (a + b) / 2].map((share) => share.toFixed(3)).join('  ');
      console.log(`  ${prior}  ${sharpness}  ${weight}  at least ${least}:  ${figures}`);
    }
  }
}

function combinations(): number[][] {
  const [priors, sharpnesses, weights] = [
    [0.005, 0.01, 0.02, 0.03, 0.05, 0.1],
    [0.3, 0.5, 0.8],
    [0, 0.3, 0.4, 0.6],
  ];
  return priors.flatMap((prior) =>
    sharpnesses.flatMap((sharpness) => weights.map((weight) => [prior, sharpness, weight])),
  );
}

/** Codes that a detector gives for a text, best first. */
type Ranking = (text: string) => readonly string[];

async function compareDetectors(folder: string): Promise<void> {
  // Types of packages that are not installed here: each is used by the one function that is named.
  const load = (path: string) => import(pathToFileURL(resolve(folder, 'node_modules', path)).href);
  const first = (pairs: readonly (readonly [string, number])[]) => pairs.map(([code]) => code);
  const detectors: Record<string, Ranking> = {};
  const francs = { franc: 'franc', 'franc-min': 'franc-min', 'franc-all': 'franc-all' };
  for (const [name, path] of Object.entries(francs)) {
    const { francAll } = await load(`${path}/index.js`);
    detectors[name] = (text) => first(francAll(text, { minLength: 1 }));
  }
  const { eld } = await load('eld/src/entries/static.large.js');
  detectors.eld = (text) => {
    const scores: Record<string, number> = eld.detect(text).getScores();
    return first(Object.entries(scores).sort(([, a], [, b]) => b - a));
  };
  const { detectAll } = await load('tinyld/dist/tinyld.heavy.node.mjs');
  detectors.tinyld = (text) => detectAll(text).map(({ lang }: { lang: string }) => lang);
  for (const [name, ranking] of Object.entries(detectors)) {
    const start = performance.now();
    const [restricted, free, byLanguage] = [new Tally(), new Tally(), new Tally()];
    for (const { language, text, words } of texts) {
      const codes = ranking(text).map((code) => languageKey(code) ?? code);
      restricted.add(words, codes.find((code) => all.includes(code)) === language);
      free.add(words, codes[0] === language);
      byLanguage.add(language, codes.find((code) => all.includes(code)) === language);
    }
    const each = (performance.now() - start) / texts.length;
    console.log(`\n${name}, ${each.toFixed(2)} ms a text`);
    console.log(`  restricted, by words:       ${restricted}`);
    console.log(`  restricted, by language:    ${byLanguage}`);
    console.log(`  unrestricted, by words:     ${free}`);
  }
}
