/** A frozen encoder's token vectors of texts, computed when first needed and then remembered. */
import type { Encoder, TextVectors } from '../model/encoder.ts';

/** Remembers vectors up to this many floats (1 GiB); beyond, sentences are encoded anew each time. */
export const MOST_FLOATS = 1 << 28;

/** Looks up the teacher's vectors of texts. */
export class TeacherVectors {
  private readonly encoder: Encoder;
  private readonly side: 'queries' | 'passages';
  private readonly known: Map<string, TextVectors>;
  private floats: number;

  /**
   * @param side what the teacher takes the texts for
   * @param known vectors of such texts by this teacher that are there already; further ones are added
   */
  constructor(
    encoder: Encoder,
    side: 'queries' | 'passages' = 'queries',
    known = new Map<string, TextVectors>(),
  ) {
    this.encoder = encoder;
    this.side = side;
    this.known = known;
    this.floats = [...known.values()].reduce((sum, { vectors }) => sum + vectors.length, 0);
  }

  /** The vectors of `texts`, in order. */
  async of(texts: readonly string[]): Promise<TextVectors[]> {
    const missing = [...new Set(texts.filter((text) => !this.known.has(text)))];
    const fresh = new Map<string, TextVectors>();
    const encoded = missing.length > 0 ? await this.encoder[this.side](missing) : [];
    missing.forEach((text, i) => {
      fresh.set(text, encoded[i]);
      if (this.floats > MOST_FLOATS) return;
      this.known.set(text, encoded[i]);
      this.floats += encoded[i].vectors.length;
    });
    return texts.map((text) => this.known.get(text) ?? fresh.get(text)!);
  }
}
