/**
 * Writes a graph as an ONNX model. Named sizes stay symbolic, unless `sizes` binds them; shapes that
 * depend on them are computed in the model from the shapes of its inputs.
 */
import { create, toBinary } from '@bufbuild/protobuf';
import { RefractError } from '../../errors.ts';
import { topologicalOrder } from '../gradient.ts';
import { bind, factorOf, namesIn, type Shape, type Sizes } from '../shape.ts';
import type { ConstantData, DataType, Node, Tensor } from '../tensor.ts';
import { attribute } from './attribute.ts';
import type { ExternalData } from './external-data.ts';
import { fusedTransposes } from './fused-transposes.ts';
import {
  GraphProtoSchema,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  OperatorSetIdProtoSchema,
  type TensorProto,
  TensorProto_DataType,
  TensorProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from './schema/onnx_pb.ts';

/** The ONNX operator set Refract writes (Gelu needs 20). */
export const OPSET = 20;

const ELEMENT: Record<DataType, number> = {
  float32: TensorProto_DataType.FLOAT,
  float16: TensorProto_DataType.FLOAT16,
  int8: TensorProto_DataType.INT8,
  uint8: TensorProto_DataType.UINT8,
  int32: TensorProto_DataType.INT32,
  int64: TensorProto_DataType.INT64,
  bool: TensorProto_DataType.BOOL,
};

/** Options of `encodeOnnx`. */
export interface EncodeOptions {
  /** Values for named sizes; those not named stay symbolic. */
  readonly sizes?: Sizes;
  /** Values for inputs that become part of the model (weights of an exported model), by input name. */
  readonly initialisers?: ReadonlyMap<string, { data: ConstantData; shape: readonly number[] }>;
  /**
   * Write products with a transposed factor as ONNX Runtime's own FusedMatMul, which need not move it. ONNX
   * Runtime would find most of these itself, but not those it has merged with another transposition before.
   */
  readonly fuse?: boolean;
  /** Where large tensors go instead of into the model, which can be of 2 GB at most. */
  readonly external?: ExternalData;
}

/**
 * The bytes of an ONNX model that computes `outputs`; its inputs are the graph's inputs, by name.
 * @example writeFileSync('model.onnx', encodeOnnx({ scores }))
 */
export function encodeOnnx(
  outputs: Readonly<Record<string, Tensor>>,
  options: EncodeOptions = {},
): Uint8Array {
  return new Encoder(options).encode(outputs);
}

class Encoder {
  private readonly options: EncodeOptions;
  private readonly sizes: Sizes;
  private readonly nodes: NodeProto[] = [];
  private readonly initialisers: TensorProto[] = [];
  private readonly names = new Map<Tensor, string>();
  private readonly shared = new Map<string, string>();
  private readonly sources = new Map<string, { tensor: string; axis: number }>();
  private fused = new Set<Node>();
  private used = new Set<Tensor>();
  private count = 0;

  constructor(options: EncodeOptions) {
    this.options = options;
    this.sizes = options.sizes ?? {};
  }

  encode(outputs: Readonly<Record<string, Tensor>>): Uint8Array {
    const order = topologicalOrder(Object.values(outputs));
    const inputs: ValueInfoProto[] = [];
    for (const node of order) {
      if (node.op !== 'Input') continue;
      const [tensor] = node.outputs;
      const name = node.name ?? '';
      if (inputs.some((other) => other.name === name)) {
        throw new RefractError('GRAPH_INVALID', `two inputs are called ${name}`, {
          hint: 'Give each a name of its own.',
        });
      }
      this.names.set(tensor, name);
      const fixed = this.options.initialisers?.get(name);
      if (fixed) {
        this.initialisers.push(this.tensorProto(name, tensor.dtype, fixed.shape, fixed.data));
        continue;
      }
      inputs.push(this.valueInfo(name, tensor));
      this.addSources(name, tensor);
    }
    if (this.options.fuse) this.fused = fusedTransposes(order, Object.values(outputs));
    this.used = new Set([...order.flatMap((node) => node.inputs), ...Object.values(outputs)]);
    for (const node of order) this.node(node);
    const values: ValueInfoProto[] = [];
    for (const [name, tensor] of Object.entries(outputs)) {
      if (order.some((node) => node.op === 'Input' && node.name === name)) {
        throw new RefractError('GRAPH_INVALID', `an output and an input are both called ${name}`, {
          hint: 'Give the output another name.',
        });
      }
      this.emit('Identity', [this.names.get(tensor)!], [name]);
      values.push(this.valueInfo(name, tensor));
    }
    return toBinary(
      ModelProtoSchema,
      create(ModelProtoSchema, {
        irVersion: 9n,
        producerName: 'refract',
        opsetImport: [
          create(OperatorSetIdProtoSchema, { domain: '', version: BigInt(OPSET) }),
          create(OperatorSetIdProtoSchema, { domain: 'com.microsoft', version: 1n }),
        ],
        graph: create(GraphProtoSchema, {
          name: 'refract',
          node: this.nodes,
          initializer: this.initialisers,
          input: inputs,
          output: values,
        }),
      }),
    );
  }

  private node(node: Node): void {
    if (node.op === 'Input') return;
    if (node.op === 'Constant') {
      const [tensor] = node.outputs;
      this.names.set(tensor, this.constant(tensor.dtype, tensor.shape as readonly number[], node.data!));
      return;
    }
    if (this.fused.has(node)) return;
    if (node.op === 'MatMul' && node.inputs.some((tensor) => this.fused.has(tensor.node))) {
      this.fusedProduct(node);
      return;
    }
    const inputs = node.inputs.map((tensor) => this.names.get(tensor)!);
    if (node.target) inputs.push(this.target(node));
    // Statistics of a normalisation are computed for gradients alone; outputs are told apart by their places.
    const [, ...statistics] = node.outputs;
    const without = node.op === 'LayerNormalization' && !statistics.some((each) => this.used.has(each));
    const names = (without ? node.outputs.slice(0, 1) : node.outputs).map((tensor) => {
      const name = this.fresh();
      this.names.set(tensor, name);
      this.addSources(name, tensor);
      return name;
    });
    this.emit(node.op, inputs, names, node.attributes, node.domain);
  }

  /** Notes where sizes can be read: of the inputs first, and for those no input has, of the first tensor made with it. */
  private addSources(name: string, tensor: Tensor): void {
    tensor.shape.forEach((dim, axis) => {
      if (typeof dim !== 'string' || namesIn(dim).length !== 1 || factorOf(dim) !== 1) return;
      if (!this.sources.has(dim)) this.sources.set(dim, { tensor: name, axis });
    });
  }

  private fusedProduct(node: Node): void {
    const transposed = node.inputs.map(({ node: from }) => this.fused.has(from));
    const inputs = node.inputs.map((x, i) => this.names.get(transposed[i] ? x.node.inputs[0] : x)!);
    const name = this.fresh();
    this.names.set(node.outputs[0], name);
    const [transA, transB] = transposed.map((yes) => ({ int: yes ? 1 : 0 }));
    this.emit('FusedMatMul', inputs, [name], { transA, transB }, 'com.microsoft');
  }

  /** The second input of Reshape and Expand: constant where it can be, computed from input shapes otherwise. */
  private target(node: Node): string {
    const shape = node.target!.map((dim) => bind(dim, this.sizes));
    const open = shape.filter((dim) => typeof dim === 'string').length;
    if (open === 0) return this.int64Constant(shape as number[]);
    if (node.op === 'Reshape' && open === 1) {
      return this.int64Constant(shape.map((dim) => (typeof dim === 'string' ? -1 : dim)));
    }
    const parts = shape.map((dim) => {
      if (typeof dim === 'number') return this.int64Constant([dim]);
      const factor = factorOf(dim);
      const factors = [
        ...(factor === 1 ? [] : [this.int64Constant([factor])]),
        ...namesIn(dim).map((n) => this.size(n)),
      ];
      return factors.reduce((a, b) => this.cached(`${a}*${b}`, 'Mul', [a, b]));
    });
    return this.cached(`concat ${parts}`, 'Concat', parts, { axis: { int: 0 } });
  }

  /** The name of an int64 vector of one element holding a named size. */
  private size(name: string): string {
    const source = this.sources.get(name);
    if (!source) {
      throw new RefractError('GRAPH_INVALID', `size ${name} is not a size of any input`, {
        hint: 'Give its value in `sizes`, or an input with that size as an axis.',
      });
    }
    const shape = this.cached(`shape ${source.tensor}`, 'Shape', [source.tensor]);
    const axis = this.int64Constant([source.axis]);
    return this.cached(`size ${name}`, 'Gather', [shape, axis], { axis: { int: 0 } });
  }

  private cached(key: string, op: string, inputs: string[], attributes: Node['attributes'] = {}): string {
    const known = this.shared.get(key);
    if (known) return known;
    const name = this.fresh();
    this.shared.set(key, name);
    this.emit(op, inputs, [name], attributes);
    return name;
  }

  private emit(
    op: string,
    inputs: string[],
    outputs: string[],
    attributes: Node['attributes'] = {},
    domain = '',
  ): void {
    this.nodes.push(
      create(NodeProtoSchema, {
        opType: op,
        name: `${op}_${this.nodes.length}`,
        domain,
        input: inputs,
        output: outputs,
        attribute: Object.entries(attributes).map(([name, value]) => attribute(name, value)),
      }),
    );
  }

  /** A name within the model; the slash keeps it apart from the names of inputs and outputs. */
  private fresh(): string {
    return `/t${this.count++}`;
  }

  private int64Constant(values: readonly number[]): string {
    return this.constant('int64', [values.length], BigInt64Array.from(values, BigInt));
  }

  private constant(dtype: DataType, shape: readonly number[], data: ConstantData): string {
    const key = data.length <= 16 ? `const ${dtype} ${shape} ${data}` : undefined;
    const known = key === undefined ? undefined : this.shared.get(key);
    if (known) return known;
    const name = `/c${this.count++}`;
    if (key !== undefined) this.shared.set(key, name);
    this.initialisers.push(this.tensorProto(name, dtype, shape, data));
    return name;
  }

  private tensorProto(
    name: string,
    dtype: DataType,
    shape: readonly number[],
    data: ConstantData,
  ): TensorProto {
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    return create(TensorProtoSchema, {
      name,
      dataType: ELEMENT[dtype],
      dims: shape.map(BigInt),
      ...(this.options.external?.place(bytes) ?? { rawData: bytes }),
    });
  }

  private valueInfo(name: string, tensor: Tensor): ValueInfoProto {
    const dims = (tensor.shape as Shape).map((dim) => bind(dim, this.sizes));
    return create(ValueInfoProtoSchema, {
      name,
      type: {
        value: {
          case: 'tensorType',
          value: {
            elemType: ELEMENT[tensor.dtype],
            shape: {
              dim: dims.map((dim) => ({
                value:
                  typeof dim === 'number'
                    ? { case: 'dimValue' as const, value: BigInt(dim) }
                    : { case: 'dimParam' as const, value: dim },
              })),
            },
          },
        },
      },
    });
  }
}
