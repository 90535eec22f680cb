/** Float tensors in another float type: what passes that change a graph's precision share. */
import { cast } from './ops/elementwise.ts';
import type { DataType, Tensor } from './tensor.ts';

/** Whether a tensor is of a type that passes over precision change. */
export function isFloat({ dtype }: Pick<Tensor, 'dtype'>): boolean {
  return dtype === 'float32' || dtype === 'float16';
}

/** Conversions of tensors, each made once however many nodes read it. */
export class FloatCasts {
  private readonly made = new Map<Tensor, Tensor>();
  private readonly convert: (x: Tensor, dtype: DataType) => Tensor;

  /** @param convert how a conversion is made; by default a node `Cast` */
  constructor(convert: (x: Tensor, dtype: DataType) => Tensor = cast) {
    this.convert = convert;
  }

  /** The tensor in `dtype`; itself where it is no float or of that type. */
  as(x: Tensor, dtype: DataType): Tensor {
    if (!isFloat(x) || x.dtype === dtype) return x;
    const fresh = this.made.get(x) ?? this.convert(x, dtype);
    this.made.set(x, fresh);
    return fresh;
  }

  /** What has been made of a tensor. */
  of(x: Tensor): Tensor | undefined {
    return this.made.get(x);
  }
}
