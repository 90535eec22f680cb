/** Columns while a segment is written: values are collected in memory, text as numbers in the order of first sight. */
import type { MetadataValue } from '../../data/records.ts';
import { compareCodePoints } from '../../text/code-points.ts';
import { codeWidth, packCodes } from './column-file.ts';
import type { FieldType } from './schema.ts';

/** The parts of a finished column, by their names in `fields.json`. */
export interface FinishedColumn {
  readonly parts: {
    readonly values: ArrayBufferView;
    readonly starts?: Uint32Array;
    readonly textStarts?: Uint32Array;
    readonly textBytes?: Uint8Array;
  };
  readonly width?: 1 | 2 | 4;
  readonly texts?: number;
}

/** Collects one column. A passage that is not given has no value. */
export interface ColumnBuilder {
  /** @param passage larger than any before */
  add(passage: number, value: MetadataValue): void;
  /** @param passages of the segment */
  finish(passages: number): FinishedColumn;
}

/** A builder for a type. */
export function columnBuilder(type: FieldType): ColumnBuilder {
  if (type === 'string') return new StringBuilder();
  if (type === 'strings') return new StringsBuilder();
  return type === 'number' ? new NumberBuilder() : new BooleanBuilder();
}

class NumberBuilder implements ColumnBuilder {
  private readonly passages: number[] = [];
  private readonly values: number[] = [];

  add(passage: number, value: MetadataValue): void {
    this.passages.push(passage);
    this.values.push(value as number);
  }

  finish(passages: number): FinishedColumn {
    const values = new Float64Array(passages).fill(Number.NaN);
    this.passages.forEach((passage, i) => {
      values[passage] = this.values[i];
    });
    return { parts: { values } };
  }
}

class BooleanBuilder implements ColumnBuilder {
  private readonly passages: number[] = [];
  private readonly values: number[] = [];

  add(passage: number, value: MetadataValue): void {
    this.passages.push(passage);
    this.values.push(value === true ? 2 : 1);
  }

  finish(passages: number): FinishedColumn {
    const values = new Uint8Array(passages);
    this.passages.forEach((passage, i) => {
      values[passage] = this.values[i];
    });
    return { parts: { values } };
  }
}

/** Texts numbered as they come; `finish` orders them by code points. */
class Texts {
  private readonly numbers = new Map<string, number>();

  /** The number of a text, from 0; text is compared in NFC. */
  number(text: string): number {
    const normal = text.normalize('NFC');
    const known = this.numbers.get(normal);
    if (known !== undefined) return known;
    this.numbers.set(normal, this.numbers.size);
    return this.numbers.size - 1;
  }

  finish() {
    const texts = [...this.numbers.keys()];
    const order = texts.map((_, i) => i).sort((x, y) => compareCodePoints(texts[x], texts[y]));
    /** Number of a text -> its code, from 1. */
    const codes = new Uint32Array(texts.length);
    const textStarts = new Uint32Array(texts.length + 1);
    const encoded = order.map((number, place) => {
      codes[number] = place + 1;
      const bytes = Buffer.from(texts[number]);
      textStarts[place + 1] = textStarts[place] + bytes.length;
      return bytes;
    });
    return {
      codes,
      width: codeWidth(texts.length),
      texts: texts.length,
      parts: { textStarts, textBytes: Buffer.concat(encoded) },
    };
  }
}

class StringBuilder implements ColumnBuilder {
  private readonly texts = new Texts();
  private readonly passages: number[] = [];
  private readonly numbers: number[] = [];

  add(passage: number, value: MetadataValue): void {
    this.passages.push(passage);
    this.numbers.push(this.texts.number(value as string));
  }

  finish(passages: number): FinishedColumn {
    const { codes, width, texts, parts } = this.texts.finish();
    const values = packCodes({ length: passages }, width);
    this.passages.forEach((passage, i) => {
      values[passage] = codes[this.numbers[i]];
    });
    return { width, texts, parts: { values, ...parts } };
  }
}

class StringsBuilder implements ColumnBuilder {
  private readonly texts = new Texts();
  private readonly passages: number[] = [];
  private readonly ends: number[] = [];
  private readonly numbers: number[] = [];

  add(passage: number, value: MetadataValue): void {
    const numbers = new Set((value as readonly string[]).map((text) => this.texts.number(text)));
    for (const number of numbers) this.numbers.push(number);
    this.passages.push(passage);
    this.ends.push(this.numbers.length);
  }

  finish(passages: number): FinishedColumn {
    const { codes, width, texts, parts } = this.texts.finish();
    const values = packCodes(
      this.numbers.map((number) => codes[number]),
      width,
    );
    const starts = new Uint32Array(passages + 1);
    let [added, end] = [0, 0];
    for (let passage = 0; passage < passages; passage++) {
      if (this.passages[added] === passage) end = this.ends[added++];
      starts[passage + 1] = end;
    }
    return { width, texts, parts: { values, starts, ...parts } };
  }
}
