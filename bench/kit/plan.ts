/** What the experiment on the kit is: languages, systems, searches, settings, and the figures to reach. */
import { type DistillSettings, distillDefaults } from '../../src/train/distill-settings.ts';
import { type TeachSettings, teachDefaults } from '../../src/train/teach-settings.ts';

/** Languages that get a pack. */
export const LANGUAGES = ['sw', 'so', 'tl', 'mr'] as const;
export type Language = (typeof LANGUAGES)[number];

/**
 * What answers queries. The teacher searches in another language zero-shot. A head start is word alignment
 * by IBM Model 1 alone, without transport. A pack is the whole recipe.
 */
export type System = 'teacher' | 'bm25' | `head start ${Language}` | `pack ${Language}`;

/** The measure of every table. */
export const MEASURE = 'nDCG@10';
/** How far English may fall, fixed before the runs: of the equivalence test and of the acceptance. */
export const MARGIN = 0.02;
/** Passages of a run that are kept for each query. */
export const DEPTH = 100;

/** One file of queries over one collection. */
export interface Search {
  /** Folder in `test/` of the kit. */
  readonly set: string;
  /** XX of `queries.XX.jsonl`. */
  readonly queries: string;
  /** Field of the text, where it is not `text`: `en` is the English original of a query. */
  readonly field?: string;
  /** Language of the text that is searched with. */
  readonly language: string;
}

export const SEARCHES: readonly Search[] = [
  { set: 'indomain-xquad', queries: 'en', language: 'en' },
  { set: 'indomain-xquad', queries: 'es', language: 'es' },
  { set: 'indomain-xquad', queries: 'hi', language: 'hi' },
  { set: 'ood-mlqa', queries: 'en', language: 'en' },
  { set: 'ood-mlqa', queries: 'es', language: 'es' },
  { set: 'indomain-ntrex', queries: 'en', language: 'en' },
  ...LANGUAGES.map((language) => ({ set: 'indomain-ntrex', queries: language, language })),
  { set: 'ood-afriqa', queries: 'swa', field: 'en', language: 'en' },
  { set: 'ood-afriqa', queries: 'swa', language: 'sw' },
];

/** nDCG@10 of the prototype's teacher with English queries: what the teacher must reach. */
export const PROTOTYPE: Readonly<Record<string, number>> = {
  'indomain-xquad': 0.612,
  'ood-mlqa': 0.609,
  'ood-afriqa': 0.541,
  'indomain-ntrex': 0.513,
};
/** Most minutes of a stage. */
export const MOST_MINUTES = { teacher: 20, pack: 5 } as const;
/** Seeds that the acceptance asks for. */
export const SEEDS: readonly number[] = [1, 2, 3];

/** The two kinds of models that are made for a language. */
export const PACK_KINDS = ['head start', 'pack'] as const;
export type PackKind = (typeof PACK_KINDS)[number];

/** Models that take part in a search; BM25 has none. */
export function modelsOf({ language }: Search): Exclude<System, 'bm25'>[] {
  const concerned = LANGUAGES.filter((each) => language === 'en' || language === each);
  return ['teacher', ...PACK_KINDS.flatMap((kind) => concerned.map((each) => `${kind} ${each}` as const))];
}

/** All systems of a search, in the order of the tables. */
export function systemsOf(search: Search): System[] {
  return search.language === 'en' ? ['bm25', ...modelsOf(search)] : modelsOf(search);
}

/** The name of a system in paths. */
export function slug(system: string): string {
  return system.replaceAll(' ', '-');
}

/** The name of a search in paths. */
export function searchName({ set, queries, field }: Search): string {
  return `${set}.${field ?? queries}`;
}

/** The default recipe of the preset `mini`. */
export function teacherSettings(seed: number): TeachSettings {
  return { ...teachDefaults('mini'), seed };
}

/** The default recipe; without plans and without a step for the head start. */
export function packSettings(kind: PackKind, seed: number): DistillSettings {
  const defaults = distillDefaults();
  if (kind === 'pack') return { ...defaults, seed };
  const align = { ...defaults.align, rounds: 0 };
  return { ...defaults, seed, align, train: { ...defaults.train, steps: 0 } };
}
