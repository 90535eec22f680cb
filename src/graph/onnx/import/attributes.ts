/** The attributes of an ONNX node, read by type. */
import type { AttributeProto, GraphProto, TensorProto } from '../schema/onnx_pb.ts';
import { unreadable } from './model-error.ts';

/** Whole numbers beyond 2^53 stand for "to the end" in slices; they are held there. */
export function wholeNumber(value: bigint): number {
  const limit = BigInt(Number.MAX_SAFE_INTEGER);
  return Number(value > limit ? limit : value < -limit ? -limit : value);
}

/** The attributes of one node; each getter gives `fallback` where the attribute is absent. */
export class Attributes {
  private readonly byName: ReadonlyMap<string, AttributeProto>;

  /** `at` names the node in errors. A reference to a function's attribute has no value here and is refused. */
  constructor(attributes: readonly AttributeProto[], at: string) {
    this.byName = new Map(attributes.map((each) => [each.name, each]));
    const reference = attributes.find(({ refAttrName }) => refAttrName !== '');
    if (reference) throw unreadable(at, `attribute ${reference.name} refers to a function's attribute`);
  }

  has(name: string): boolean {
    return this.byName.has(name);
  }

  int(name: string, fallback: number): number {
    const found = this.byName.get(name);
    return found ? wholeNumber(found.i) : fallback;
  }

  ints(name: string): number[] | undefined {
    return this.byName.get(name)?.ints.map(wholeNumber);
  }

  float(name: string, fallback: number): number {
    return this.byName.get(name)?.f ?? fallback;
  }

  floats(name: string): number[] | undefined {
    return this.byName.get(name)?.floats;
  }

  text(name: string, fallback: string): string {
    const found = this.byName.get(name);
    return found ? new TextDecoder().decode(found.s) : fallback;
  }

  tensor(name: string): TensorProto | undefined {
    return this.byName.get(name)?.t;
  }

  graph(name: string): GraphProto | undefined {
    return this.byName.get(name)?.g;
  }
}
