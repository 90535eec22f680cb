/**
 * Batches for masked-language modelling: windows of text, in each of which some tokens are hidden anew every
 * time it is drawn (dynamic masking, Liu et al. 2019).
 */
import { mixSources, type SourceMixer } from '../data/sampler.ts';
import { padInputs } from '../model/input.ts';
import { RandomStream } from '../random.ts';
import type { Stage } from '../stage.ts';
import type { TextTokenizer } from '../text/tokenizer.ts';
import type { Batch, BatchSource } from './objective.ts';

/** How tokens are hidden. BERT: 0.15, of which 0.8 become [MASK], 0.1 a random token, and 0.1 stay. */
export interface MaskSettings {
  /** Share of a window's tokens that are predicted; at least one is. */
  readonly share: number;
  /** Of these, the share that becomes [MASK]. */
  readonly masked: number;
  /** Of these, the share that becomes a random token; the rest stay as they are. */
  readonly random: number;
}

/**
 * Cuts texts into windows [CLS] ... [SEP] of at most `length` tokens. Whole texts are packed one after the
 * other, with [SEP] between them; a text that does not fit into a window of its own is cut, its windows as
 * even as they can be. Texts without tokens are left out. Works in turns of `stage`, which counts texts.
 *
 * @example await packWindows(tokenizer, ['maji safi', 'chemsha maji'], 128) // [ [CLS] maji safi [SEP] chemsha maji [SEP] ]
 */
export async function packWindows(
  tokenizer: TextTokenizer,
  texts: Iterable<string>,
  length: number,
  stage?: Stage,
): Promise<Int32Array[]> {
  const cls = tokenizer.roleId('cls');
  const sep = tokenizer.roleId('sep');
  const specials = new Set(tokenizer.specials.values());
  const room = length - 2;
  const windows: Int32Array[] = [];
  let open: number[] = [];
  const close = () => {
    if (open.length > 0) windows.push(Int32Array.from([cls, ...open]));
    open = [];
  };
  let done = 0;
  for (const text of texts) {
    if (stage?.due()) await stage.turn(done);
    done++;
    const ids = tokenizer.encode(text);
    if (ids.every((id) => specials.has(id))) continue;
    const pieces = Math.ceil(ids.length / room);
    const size = Math.ceil(ids.length / pieces);
    for (let start = 0; start < ids.length; start += size) {
      const piece = ids.subarray(start, start + size);
      // The marker [CLS] before and a [SEP] after must fit too.
      if (open.length + piece.length + 2 > length) close();
      open.push(...piece, sep);
    }
  }
  close();
  return windows;
}

/** Hides tokens of windows and pads them into a batch; every draw comes from `stream`. */
export class TokenMasker {
  private readonly settings: MaskSettings;
  private readonly specials: ReadonlySet<number>;
  private readonly words: Int32Array;
  private readonly maskId: number;
  private readonly padId: number;

  constructor(tokenizer: TextTokenizer, settings: MaskSettings) {
    this.settings = settings;
    this.specials = new Set(tokenizer.specials.values());
    this.words = Int32Array.from(
      Array.from({ length: tokenizer.vocabSize }, (_, id) => id).filter((id) => !this.specials.has(id)),
    );
    this.maskId = tokenizer.roleId('mask');
    this.padId = tokenizer.roleId('pad');
  }

  /** A batch for `mlmObjective`; the windows are left as they are. */
  batch(windows: readonly Int32Array[], stream: RandomStream): Batch {
    const inputs = windows.map((ids) => ({ ids, scored: new Uint8Array(ids.length) }));
    const { ids, mask } = padInputs(inputs, this.padId);
    const [, length] = ids.shape;
    const shown = ids.data as Int32Array;
    const positions: number[] = [];
    const labels: number[] = [];
    windows.forEach((window, n) => {
      for (const t of this.choose(window, stream)) {
        const at = n * length + t;
        positions.push(at);
        labels.push(window[t]);
        shown[at] = this.hide(window[t], stream);
      }
    });
    const vector = (values: number[]) => ({ data: Int32Array.from(values), shape: [values.length] });
    return { feeds: { ids, mask, positions: vector(positions), labels: vector(labels) } };
  }

  /** Positions of the tokens to predict, in order; special tokens are never among them. */
  private choose(window: Int32Array, stream: RandomStream): number[] {
    const candidates: number[] = [];
    window.forEach((id, t) => {
      if (!this.specials.has(id)) candidates.push(t);
    });
    const count = Math.max(1, Math.round(candidates.length * this.settings.share));
    return stream
      .shuffle(candidates)
      .slice(0, count)
      .sort((a, b) => a - b);
  }

  private hide(id: number, stream: RandomStream): number {
    const { masked, random } = this.settings;
    const u = stream.uniform();
    if (u < masked) return this.maskId;
    return u < masked + random ? this.words[stream.below(this.words.length)] : id;
  }
}

/** Draws windows without end, each once an epoch; saving and loading it continues exactly. */
export class MlmBatches implements BatchSource {
  private readonly windows: readonly Int32Array[];
  private readonly masker: TokenMasker;
  private readonly size: number;
  private readonly order: SourceMixer;
  private readonly masking: RandomStream;

  /** @param size windows in a batch */
  constructor(windows: readonly Int32Array[], masker: TokenMasker, size: number, seed: number) {
    this.windows = windows;
    this.masker = masker;
    this.size = size;
    this.order = mixSources(
      windows.map(() => ({ language: 'text' })),
      new RandomStream(seed, 'mlm/order'),
    );
    this.masking = new RandomStream(seed, 'mlm/masking');
  }

  next(): Batch {
    const drawn = this.order.take(this.size).map((i) => this.windows[i]);
    return this.masker.batch(drawn, this.masking);
  }

  save(): unknown {
    return { order: this.order.save(), masking: this.masking.save() };
  }

  load(state: unknown): void {
    const { order, masking } = state as { order: Parameters<SourceMixer['load']>[0]; masking: number[] };
    this.order.load(order);
    this.masking.load(masking);
  }
}
