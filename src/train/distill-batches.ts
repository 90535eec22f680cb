/**
 * Batches for OPTICAL: sentence pairs of all sources and languages, dictionary entries, code-switched
 * questions, and anchor texts in the teacher's language, in fixed numbers of each.
 */
import { switchWords, type WordTranslations } from '../data/code-switch.ts';
import type { SentencePair } from '../data/records.ts';
import { mixSources, type SourceMixer } from '../data/sampler.ts';
import type { TextVectors } from '../model/encoder.ts';
import { type EncoderInput, type InputMaker, padInputs } from '../model/input.ts';
import { RandomStream } from '../random.ts';
import { NO_MASS } from '../transport/graph-plans.ts';
import type { Batch, BatchSource } from './objective.ts';
import type { TeacherVectors } from './teacher-vectors.ts';

/** What a student learns from. */
export interface DistillData {
  readonly pairs: readonly SentencePair[];
  /** Dictionary entries by language; used as very short pairs and for code switching. */
  readonly dictionaries: ReadonlyMap<string, readonly SentencePair[]>;
  /** Texts in the teacher's language, such as questions. */
  readonly anchors: readonly string[];
}

/** How batches are made. */
export interface DistillBatchSettings {
  readonly seed: number;
  /** Sentence pairs, dictionary entries, code-switched anchors and plain anchors in each batch. */
  readonly pairs: number;
  readonly entries: number;
  readonly switched: number;
  readonly anchors: number;
  /** The probability that a word of a switched anchor is replaced. */
  readonly switchProbability: number;
  /** Groups (language/source) are drawn in proportion to size^temperature. */
  readonly temperature: number;
}

/** Marginals of texts: the mass of each token of an input. */
export type TokenMass = (input: EncoderInput) => Float64Array;

/** Draws batches; saving and loading it continues exactly. */
export class DistillBatches implements BatchSource {
  private readonly pairs: SourceMixer;
  private readonly entryList: readonly SentencePair[];
  private readonly entries: SourceMixer | undefined;
  private readonly anchors: SourceMixer | undefined;
  private readonly switching: RandomStream;
  private readonly languages: readonly string[];
  private readonly lexicons: ReadonlyMap<string, WordTranslations>;

  private readonly data: DistillData;
  private readonly maker: InputMaker;
  private readonly teacher: TeacherVectors;
  private readonly settings: DistillBatchSettings;
  private readonly teacherMass: TokenMass;
  private readonly studentMass: TokenMass;

  constructor(
    data: DistillData,
    maker: InputMaker,
    teacher: TeacherVectors,
    settings: DistillBatchSettings,
    teacherMass: TokenMass,
    studentMass: TokenMass,
  ) {
    this.data = data;
    this.maker = maker;
    this.teacher = teacher;
    this.settings = settings;
    this.teacherMass = teacherMass;
    this.studentMass = studentMass;
    const { seed, temperature } = settings;
    const stream = (name: string) => new RandomStream(seed, `distill/${name}`);
    this.pairs = mixSources(data.pairs, stream('pairs'), { temperature });
    this.entryList = [...data.dictionaries.values()].flat();
    this.entries =
      settings.entries > 0 && this.entryList.length > 0
        ? mixSources(this.entryList, stream('entries'), { temperature: 0, by: 'language' })
        : undefined;
    this.anchors =
      settings.anchors + settings.switched > 0 && data.anchors.length > 0
        ? mixSources(
            data.anchors.map(() => ({ language: 'anchor' })),
            stream('anchors'),
          )
        : undefined;
    this.switching = stream('switching');
    this.languages = [...data.dictionaries.keys()];
    this.lexicons = new Map(
      [...data.dictionaries].map(([language, list]) => {
        const lexicon = new Map<string, string[]>();
        for (const { pivot, target } of list) {
          const key = pivot.toLowerCase();
          const translations = lexicon.get(key);
          if (translations) translations.push(target);
          else lexicon.set(key, [target]);
        }
        return [language, lexicon];
      }),
    );
  }

  async next(): Promise<Batch> {
    const { settings } = this;
    const sources: string[] = [];
    const targets: string[] = [];
    const take = (pair: Pick<SentencePair, 'pivot' | 'target'>) => {
      sources.push(pair.pivot);
      targets.push(pair.target);
    };
    for (const i of this.pairs.take(settings.pairs)) take(this.data.pairs[i]);
    for (const i of this.entries?.take(settings.entries) ?? []) take(this.entryList[i]);
    if (this.anchors && this.languages.length > 0) {
      for (const i of this.anchors.take(settings.switched)) {
        const pivot = this.data.anchors[i];
        const language = this.languages[this.switching.below(this.languages.length)];
        const lexicon = this.lexicons.get(language)!;
        take({ pivot, target: switchWords(pivot, lexicon, settings.switchProbability, this.switching) });
      }
    }
    const feeds: Record<string, Batch['feeds'][string]> = {};
    const inputs = targets.map((text) => this.maker.query(text));
    const { ids, mask } = padInputs(inputs, this.maker.padId, this.maker.settings.queryMaxTokens);
    const teacher = await this.teacher.of(sources);
    Object.assign(feeds, { 'pair.ids': ids, 'pair.mask': mask });
    feeds['pair.teacher'] = stackVectors(teacher, this.maker.settings.dim);
    feeds['pair.logA'] = logMasses(
      sources.map((text) => this.teacherMass(this.maker.query(text))),
      feeds['pair.teacher'].shape[1],
    );
    feeds['pair.logB'] = logMasses(inputs.map(this.studentMass), ids.shape[1]);

    if (settings.anchors > 0 && this.anchors) {
      const texts = this.anchors.take(settings.anchors).map((i) => this.data.anchors[i]);
      const anchors = padInputs(
        texts.map((text) => this.maker.query(text)),
        this.maker.padId,
        this.maker.settings.queryMaxTokens,
      );
      const kept = await this.teacher.of(texts);
      const [count, length] = anchors.ids.shape;
      const { dim } = this.maker.settings;
      const vectors = new Float32Array(count * length * dim);
      const weight = new Float32Array(count * length);
      kept.forEach((text, n) => {
        vectors.set(text.vectors, n * length * dim);
        weight.fill(1 / (count * text.count), n * length, n * length + text.count);
      });
      feeds['anchor.ids'] = anchors.ids;
      feeds['anchor.mask'] = anchors.mask;
      feeds['anchor.teacher'] = { data: vectors, shape: [count * length, dim] };
      feeds['anchor.weight'] = { data: weight, shape: [count * length] };
    }
    return { feeds };
  }

  save(): unknown {
    return {
      pairs: this.pairs.save(),
      entries: this.entries?.save(),
      anchors: this.anchors?.save(),
      switching: this.switching.save(),
    };
  }

  load(state: unknown): void {
    const saved = state as ReturnType<DistillBatches['save']> & {
      pairs: Parameters<SourceMixer['load']>[0];
      entries?: Parameters<SourceMixer['load']>[0];
      anchors?: Parameters<SourceMixer['load']>[0];
      switching: number[];
    };
    this.pairs.load(saved.pairs);
    if (saved.entries) this.entries?.load(saved.entries);
    if (saved.anchors) this.anchors?.load(saved.anchors);
    this.switching.load(saved.switching);
  }
}

/** Vectors of texts as one tensor [N, m, dim], zero where a text is shorter. */
export function stackVectors(texts: readonly TextVectors[], dim: number) {
  const length = Math.ceil(texts.reduce((most, text) => Math.max(most, text.count), 1) / 8) * 8;
  const data = new Float32Array(texts.length * length * dim);
  texts.forEach((text, n) => {
    data.set(text.vectors, n * length * dim);
  });
  return { data, shape: [texts.length, length, dim] };
}

/** log of masses [N, length], `NO_MASS` where a text is shorter. */
export function logMasses(masses: readonly Float64Array[], length: number) {
  const data = new Float32Array(masses.length * length).fill(NO_MASS);
  masses.forEach((mass, n) => {
    mass.forEach((value, i) => {
      if (value > 0) data[n * length + i] = Math.log(value);
    });
  });
  return { data, shape: [masses.length, length] };
}
