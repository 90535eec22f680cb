/**
 * The card of a teacher or a language pack: `README.md` in its folder, with the metadata that Hugging Face's hub
 * reads, and what people should know before they use it. It says only what `refract.json` knows; what is not known
 * stands there as unknown.
 */
import { stringify } from 'yaml';
import { z } from 'zod';
import { languageName } from '../data/language.ts';
import { type FrontMatter, frontMatter, section, table } from './card-sections.ts';
import { type ModelSource, modelSourceSchema } from './model-source.ts';
import type { PackSettings, RetrieverSettings } from './settings.ts';

/** The file of a card. */
export const CARD_FILE = 'README.md';

const count = z.number();
const source = z.object({
  language: z.string(),
  source: z.string().optional(),
  count,
  licence: z.string().optional(),
});
/** The parts of `training` that a card tells of; any may be absent in older folders. */
const trainingSchema = z.object({
  settings: z.looseObject({ seed: count.optional(), size: z.string().optional() }).optional(),
  /** The base of a teacher, or of a pack's teacher, and a pack's teacher, where they came from the hub. */
  base: modelSourceSchema.optional(),
  teacher: modelSourceSchema.optional(),
  report: z
    .object({
      steps: count,
      seconds: count,
      best: z.object({ value: count, step: count }).optional(),
      stoppedEarly: z.boolean().default(false),
    })
    .optional(),
  pairs: z.record(z.string(), count).optional(),
  dev: z.object({ pairs: count, before: count, after: count }).optional(),
  data: z
    .object({
      licence: z.string().optional(),
      bitext: z.array(source).default([]),
      dictionaries: z.array(source).default([]),
      anchors: count.optional(),
      passages: count.optional(),
      queries: count.optional(),
      judgments: count.optional(),
      extraTexts: count.optional(),
    })
    .optional(),
});
type Training = z.output<typeof trainingSchema>;

/** Rows of a table of sources. */
const MOST_SOURCES = 40;

/** The section that `refract pack card --scores` fills. */
export const SCORES_SECTION = 'scores';
/** The section that says how the folder holds the model. */
export const FORM_SECTION = 'form';

/**
 * The card of a model.
 *
 * @param fingerprint the model's own, of a teacher
 * @example writeFileAtomic(join(folder, CARD_FILE), modelCard(settings, fingerprint))
 */
export function modelCard(settings: RetrieverSettings, fingerprint?: string): string {
  const parsed = trainingSchema.safeParse(settings.training);
  const training: Training = parsed.success ? parsed.data : {};
  const names = settings.languages.map((code) => `${languageName(code)} (${code})`).join(', ');
  const parts =
    settings.kind === 'pack'
      ? [
          `# Language pack: ${names}`,
          `A query encoder for ${names}, made by Refract ${settings.createdWith}. It puts a question where one teacher, of fingerprint \`${settings.teacher}\`, puts the same question in its own language, and so searches the index of that teacher. The index stays as it is. Refract refuses the pack beside any other teacher.`,
          '## Form',
          section(FORM_SECTION, formOf(settings)),
          '## Data',
          bitextOf(training),
        ]
      : [
          `# Teacher: ${names}`,
          `A ColBERT retriever, made by Refract ${settings.createdWith}: a text becomes one vector of ${settings.retrieval.dim} numbers for each token, and a passage's score is the sum over query tokens of the best match. Language packs for other languages are made for it and land in its vector space.`,
          `Fingerprint: ${fingerprint === undefined ? 'unknown' : `\`${fingerprint}\``}.`,
          '## Data',
          teacherDataOf(training),
        ];
  return [
    frontMatter(fieldsOf(settings, training)),
    ...parts,
    '## How it was made',
    madeOf(settings, training),
    '## Scores',
    devOf(settings, training),
    section(SCORES_SECTION, 'No scores on test sets have been added.'),
    '## Limits',
    limitsOf(settings, training),
    '## Use',
    settings.kind === 'pack'
      ? '```\nrefract search --index INDEX --pack THIS_FOLDER "..."\n```'
      : '```\nrefract index --teacher THIS_FOLDER --passages passages.jsonl --out index\n```',
  ]
    .join('\n\n')
    .replace('---\n\n\n', '---\n\n')
    .concat('\n');
}

function fieldsOf({ kind, languages }: RetrieverSettings, training: Training): FrontMatter {
  const from = kind === 'pack' ? training.teacher : training.base;
  return {
    language: [...new Set(languages.map((code) => code.split('-')[0]))],
    license: training.data?.licence ?? 'unknown',
    ...(from && { base_model: from.name }),
    library_name: 'refract',
    pipeline_tag: 'feature-extraction',
    tags: [
      'refract',
      'ColBERT',
      'late-interaction',
      'retrieval',
      'cross-lingual',
      ...(kind === 'pack' ? ['language-pack'] : []),
    ],
  };
}

/** How a pack's folder holds it. */
export function formOf({ difference, reduced }: Pick<PackSettings, 'difference' | 'reduced'>): string {
  const form = difference
    ? 'The folder holds the difference from the teacher alone; Refract puts both together.'
    : 'The folder holds the whole model.';
  if (reduced === undefined) return `${form} It is bit for bit as it was trained.`;
  const losses = [
    ...(reduced.precision === 'float16' ? ['rounded to half precision'] : []),
    ...(reduced.rank ? [`cut to rank ${reduced.rank} in every linear weight`] : []),
    ...(reduced.energy
      ? [`cut in every linear weight to the singular values that hold ${reduced.energy} of its squares`]
      : []),
  ];
  return `${form} It is not bit for bit as it was trained: its difference from the teacher was ${losses.join(' and ')}.`;
}

function sourceTable(sources: readonly z.output<typeof source>[], counted: string): string {
  const rows = sources
    .slice(0, MOST_SOURCES)
    .map((each) => [
      `${languageName(each.language)} (${each.language})`,
      each.source ?? 'unknown',
      each.count,
      each.licence ?? 'unknown',
    ]);
  const more = sources.length - rows.length;
  return `${table(['language', 'source', counted, 'licence'], rows)}${more > 0 ? `\n\nand ${more} more sources.` : ''}`;
}

function bitextOf({ data, pairs }: Training): string {
  if (data === undefined) {
    const known = Object.entries(pairs ?? {}).map(
      ([code, n]) => `${n} sentence pairs of ${languageName(code)}`,
    );
    return `${known.length > 0 ? `${known.join(', ')}. ` : ''}Sources and licences are unknown: the folder was made before they were kept.`;
  }
  const { bitext, dictionaries, anchors } = data;
  return [
    'Sentence pairs with the language of the teacher:',
    sourceTable(bitext, 'pairs'),
    dictionaries.length > 0 ? `Dictionaries:\n\n${sourceTable(dictionaries, 'entries')}` : 'No dictionaries.',
    anchors
      ? `${anchors} texts in the language of the teacher held it to the teacher's vectors.`
      : "No texts in the language of the teacher held it to the teacher's vectors.",
  ].join('\n\n');
}

function teacherDataOf({ data }: Training): string {
  const told = (what: string, n: number | undefined) => `${n ?? 'an unknown number of'} ${what}`;
  return `${told('passages', data?.passages)}, ${told('queries', data?.queries)} and ${told('judgments', data?.judgments)}; its tokenizer has also seen ${told('other texts', data?.extraTexts)}. Where they come from, and under which licences, is unknown to Refract.`;
}

/** Models that this one was made from: what is known of them. */
function originRows({ kind }: RetrieverSettings, training: Training): [string, string][] {
  const { base, teacher, settings } = training;
  const named = ({ name, revision, commit }: ModelSource) =>
    `${name}, commit \`${commit}\`${revision === commit ? '' : ` (${revision})`}`;
  if (kind === 'teacher') {
    const without = settings?.size === undefined ? 'unknown' : 'none: trained from scratch';
    return [['base', base ? named(base) : without]];
  }
  return [
    ...(teacher ? [['teacher', named(teacher)] as [string, string]] : []),
    ...(base ? [['base of the teacher', named(base)] as [string, string]] : []),
  ];
}

function madeOf(settings: RetrieverSettings, training: Training): string {
  const { settings: set, report } = training;
  const { retrieval, createdWith } = settings;
  const rows: [string, string | number][] = [
    ['version of Refract', createdWith],
    ...originRows(settings, training),
    [
      'steps',
      report === undefined ? 'unknown' : `${report.steps}${report.stoppedEarly ? ' (stopped early)' : ''}`,
    ],
    ['best step', report?.best?.step ?? 'unknown'],
    ['seed', set?.seed ?? 'unknown'],
    ['vector', `${retrieval.dim} numbers a token`],
    ['longest query, passage', `${retrieval.queryMaxTokens}, ${retrieval.passageMaxTokens} tokens`],
  ];
  const all =
    set === undefined
      ? 'Its settings are unknown.'
      : `<details><summary>All settings</summary>\n\n\`\`\`yaml\n${stringify(set, { lineWidth: 0 })}\`\`\`\n\n</details>`;
  return `${table(['', ''], rows)}\n\n${all}`;
}

function devOf({ kind }: RetrieverSettings, { dev, report }: Training): string {
  const shown = (value: number) => value.toFixed(3);
  if (kind === 'pack' && dev !== undefined)
    return `While it was trained: RR@10 of ${dev.pairs} held-out sentences among their translations was ${shown(dev.before)} with the teacher alone and ${shown(dev.after)} with the pack. The best step was chosen by this figure, so it flatters.`;
  if (report?.best !== undefined)
    return `While it was trained: RR@10 on held-out data was ${shown(report.best.value)} at step ${report.best.step}. The best step was chosen by this figure, so it flatters.`;
  return 'Scores while it was trained are unknown.';
}

function limitsOf({ kind }: RetrieverSettings, { data }: Training): string {
  const licence = [...(data?.bitext ?? []), ...(data?.dictionaries ?? [])].some((each) => !each.licence);
  const lines =
    kind === 'pack'
      ? [
          'It encodes queries, for the index of its own teacher. Passages in its language are not what it was made for.',
          'Words that occur in neither its sentence pairs nor its dictionaries were not learnt. Pairs of one narrow field give a pack for that field.',
          'Queries in the language of the teacher may be read a little differently than by the teacher: measure them too.',
        ]
      : [
          'It was trained on the data above, and finds what resembles them.',
          'Longer queries and passages are cut at the lengths above.',
        ];
  const unknown = data === undefined || licence || kind === 'teacher';
  return [
    ...lines,
    'Whether speakers of the languages have checked it is unknown.',
    ...(unknown
      ? ['Licences of data stand as unknown where nobody said them: ask before you pass the model on.']
      : []),
  ]
    .map((line) => `- ${line}`)
    .join('\n');
}
