/**
 * Translation with a sequence-to-sequence model that the user brings: Marian, M2M-100, NLLB, mBART, T5 and their
 * like, exported to ONNX. Any model with an encoder, a decoder and a `tokenizer.json` will do.
 */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Tokenizer } from '@huggingface/tokenizers';
import { RefractError } from '../errors.ts';
import { Stage, type StageControl } from '../stage.ts';
import { loadTokenizer } from '../text/tokenizer.ts';
import { type Search, startSearch } from './beam-search.ts';
import {
  type GenerationOptions,
  type GenerationSettings,
  type ModelGeneration,
  modelGeneration,
  withOptions,
} from './generation.ts';
import { nextTokenLogProbabilities } from './next-token.ts';
import { OnnxModel, type OnnxOptions } from './onnx-model.ts';

/** How texts are translated. */
export interface TranslateOptions extends Omit<GenerationOptions, 'forcedStart'> {
  /** Token of the language of the texts, such as `swh_Latn`; stands before the text, in place of the usual one. */
  readonly sourceToken?: string;
  /** Token of the language to write, such as `eng_Latn`; the first token written. */
  readonly targetToken?: string;
  /** Words before every text, such as T5's "translate German to English: ". */
  readonly prefix?: string;
  /** Texts translated at once; default 16. */
  readonly batch?: number;
}

/** A translation. */
export interface TranslatedText {
  readonly text: string;
  /** Its tokens, without the start token. */
  readonly ids: readonly number[];
  /** log p / length ^ penalty for beam search, log p for greedy search. */
  readonly score: number;
  /** Whether the source text was longer than the model reads and was cut. */
  readonly cut: boolean;
}

const USUAL_BATCH = 16;

/**
 * A model, compiled; close it after use.
 *
 * @example
 * const translator = await Translator.load('models/sw-en');
 * try {
 *   const [{ text }] = await translator.translate(['maji safi'], { beams: 4 }); // 'clean water'
 * } finally {
 *   await translator.close();
 * }
 */
export class Translator {
  /** What the model's files ask for that is not done here, by its name in `generation_config.json`. */
  readonly notFollowed: readonly string[];
  private readonly model: OnnxModel;
  private readonly tokenizer: Tokenizer;
  private readonly generation: ModelGeneration;
  private readonly hasTemplate: boolean;
  private readonly unknownId: number | undefined;
  private readonly folder: string;

  private constructor(
    folder: string,
    model: OnnxModel,
    tokenizer: Tokenizer,
    generation: ModelGeneration,
    unknown: unknown,
  ) {
    this.folder = folder;
    this.unknownId = typeof unknown === 'string' ? tokenizer.token_to_id(unknown) : undefined;
    this.model = model;
    this.tokenizer = tokenizer;
    this.generation = generation;
    this.notFollowed = generation.notFollowed;
    this.hasTemplate = tokenizer.post_processor !== null;
  }

  /**
   * Loads a folder with `config.json`, `tokenizer.json`, `encoder_model.onnx` and `decoder_model.onnx` (these two
   * also in `onnx/`), and optionally `generation_config.json` and `tokenizer_config.json`.
   *
   * @throws RefractError `FILE_MISSING`, `CHECKPOINT_INCOMPLETE`, `CHECKPOINT_FORMAT`, `DEVICE_UNAVAILABLE`
   */
  static async load(folder: string, options: OnnxOptions = {}): Promise<Translator> {
    if (!existsSync(folder) || !statSync(folder).isDirectory())
      throw new RefractError('FILE_MISSING', 'no such folder', {
        at: folder,
        hint: 'Give the folder of a sequence-to-sequence model that was exported to ONNX.',
      });
    const config = readJson(folder, 'config.json');
    if (config === undefined)
      throw new RefractError('CHECKPOINT_INCOMPLETE', 'the folder has no config.json', {
        at: folder,
        hint: 'Copy the whole folder of the model.',
      });
    const generation = modelGeneration(config, readJson(folder, 'generation_config.json'), folder);
    const { json } = loadTokenizer(folder); // checks the files
    const tokenizer = new Tokenizer(json, readJson(folder, 'tokenizer_config.json') ?? {});
    const model = await OnnxModel.load(folder, options);
    return new Translator(folder, model, tokenizer, generation, json.model.unk_token);
  }

  /**
   * Translates texts; results stand in their order, and do not depend on which texts share a batch but for
   * rounding.
   *
   * @throws RefractError `SETTING_INVALID` for an option out of range or a token the model does not have;
   *   `INTERRUPTED` when `control.signal` is aborted
   */
  async translate(
    texts: readonly string[],
    options: TranslateOptions = {},
    control: StageControl = {},
  ): Promise<TranslatedText[]> {
    const { sourceToken, targetToken, prefix = '', batch = USUAL_BATCH, ...rest } = options;
    if (!Number.isSafeInteger(batch) || batch < 1)
      throw new RefractError('SETTING_INVALID', `a batch of ${batch} texts`, {
        hint: 'It must be a whole number of at least 1.',
      });
    const forcedStart = targetToken === undefined ? undefined : this.tokenId(targetToken);
    const settings = withOptions(this.generation.settings, { ...rest, forcedStart });
    const source = sourceToken === undefined ? undefined : this.tokenId(sourceToken);
    const inputs = texts.map((text) => this.input(prefix + text, source));
    const order = inputs
      .map((_, i) => i)
      .sort((a, b) => inputs[a].ids.length - inputs[b].ids.length || a - b);
    const results = new Array<TranslatedText>(texts.length);
    const stage = new Stage('translating', texts.length, 'texts', control);
    for (let done = 0; done < order.length; done += batch) {
      const chosen = order.slice(done, done + batch);
      const searches = await this.searchAll(
        chosen.map((i) => inputs[i].ids),
        settings,
        () => stage.turn(done),
      );
      searches.forEach((search, n) => {
        const { ids, score } = search.best();
        const written = ids.slice(1);
        results[chosen[n]] = { text: this.decode(written), ids: written, score, cut: inputs[chosen[n]].cut };
      });
      stage.report(Math.min(order.length, done + batch));
    }
    stage.end();
    return results;
  }

  /** Frees the model. */
  close(): Promise<void> {
    return this.model.close();
  }

  private async searchAll(
    texts: readonly (readonly number[])[],
    settings: GenerationSettings,
    turn: () => Promise<void>,
  ): Promise<Search[]> {
    const encoded = await this.model.encode(texts, settings.padId);
    const searches = texts.map(() => startSearch(settings));
    for (;;) {
      const running = searches.flatMap((search, row) => search.running.map(({ ids }) => ({ ids, row })));
      if (running.length === 0) return searches;
      const logits = await this.model.nextLogits(
        running.map(({ ids }) => ids),
        encoded,
        running.map(({ row }) => row),
      );
      running.forEach(({ ids }, n) => {
        nextTokenLogProbabilities(logits[n], ids, settings);
      });
      let at = 0;
      for (const search of searches) {
        const { length } = search.running;
        if (length > 0) search.advance(logits.slice(at, at + length));
        at += length;
      }
      await turn();
    }
  }

  /** Source tokens: [language] text </s>, by the tokenizer's own template where no language is said. */
  private input(text: string, source: number | undefined): { ids: readonly number[]; cut: boolean } {
    const template = source === undefined && this.hasTemplate;
    const [end] = this.generation.settings.endIds;
    // The library has no id for what a vocabulary of whole words lacks.
    const found: readonly (number | undefined)[] = this.tokenizer.encode(text, {
      add_special_tokens: template,
    }).ids;
    let ids = found.map((id) => id ?? this.unknownId).filter((id) => id !== undefined);
    if (!template) ids = source === undefined ? [...ids, end] : [source, ...ids, end];
    const { longestSource } = this.generation;
    if (ids.length <= longestSource) return { ids, cut: false };
    return { ids: [...ids.slice(0, longestSource - 1), ids[ids.length - 1]], cut: true };
  }

  private decode(ids: readonly number[]): string {
    const { startId, padId, endIds, forcedStart } = this.generation.settings;
    const marks = new Set([startId, padId, forcedStart, ...endIds]);
    const words = ids.filter((id) => !marks.has(id));
    if (words.length === 0) return '';
    return this.tokenizer
      .decode(words, { skip_special_tokens: true, clean_up_tokenization_spaces: false })
      .trim();
  }

  private tokenId(token: string): number {
    const id = this.tokenizer.token_to_id(token);
    if (id !== undefined) return id;
    throw new RefractError('SETTING_INVALID', `the model's tokenizer has no token ${token}`, {
      at: this.folder,
      hint: 'Give the code of the language as the model spells it, such as __sw__ (M2M-100) or swh_Latn (NLLB).',
    });
  }
}

function readJson(folder: string, name: string): object | undefined {
  const path = join(folder, name);
  if (!existsSync(path)) return undefined;
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  } catch {
    // said below
  }
  throw new RefractError('CHECKPOINT_FORMAT', 'the file is not a JSON object', {
    at: path,
    hint: 'Copy or export it again.',
  });
}
