/**
 * Runs a graph on an execution provider of ONNX Runtime. Inputs and outputs are plain typed arrays;
 * outputs can be written into arrays the caller owns, so that a training step allocates nothing.
 */
import * as ort from 'onnxruntime-node';
import { RefractError } from '../errors.ts';
import { topologicalOrder } from './gradient.ts';
import { type EncodeOptions, encodeOnnx } from './onnx/encode.ts';
import { bind, type Dim, type Sizes, showShape } from './shape.ts';
import type { DataType, Tensor } from './tensor.ts';

/** Where a graph runs. */
export type Device = 'cpu' | 'webgpu';

/** Options of `GraphSession.create`. */
export interface SessionOptions extends Omit<EncodeOptions, 'fuse'> {
  readonly device?: Device;
  /** Threads of one operator; 0 leaves it to ONNX Runtime. Fix it where results must be bit-equal. */
  readonly threads?: number;
  /** Reuse freed memory between runs (faster); false gives memory back after each run. */
  readonly arena?: boolean;
  /** Record a Chrome trace of every operator to files with this prefix; `close()` writes it. */
  readonly profile?: string;
}

/** Values for an input: numbers in row-major order and their shape. */
export interface Value {
  readonly data: Float32Array | Int32Array | BigInt64Array | Uint8Array;
  readonly shape: readonly number[];
}

/** Values of a float32 output. */
export interface FloatValue {
  readonly data: Float32Array;
  readonly shape: readonly number[];
}

const ORT_TYPE: Record<DataType, ort.Tensor.Type> = {
  float32: 'float32',
  float16: 'float16',
  int8: 'int8',
  uint8: 'uint8',
  int32: 'int32',
  int64: 'int64',
  bool: 'bool',
};

/**
 * A compiled graph.
 * @example
 * const session = await GraphSession.create({ y: matmul(a, b) });
 * const { y } = await session.run({ a: { data, shape: [2, 3] }, b: { data: other, shape: [3, 2] } });
 */
export class GraphSession {
  private readonly session: ort.InferenceSession;
  private readonly inputs: ReadonlyMap<string, Tensor>;
  private readonly outputs: Readonly<Record<string, Tensor>>;
  private readonly sizes: Sizes;

  private constructor(
    session: ort.InferenceSession,
    inputs: ReadonlyMap<string, Tensor>,
    outputs: Readonly<Record<string, Tensor>>,
    sizes: Sizes,
  ) {
    this.session = session;
    this.inputs = inputs;
    this.outputs = outputs;
    this.sizes = sizes;
  }

  /** Encodes and compiles the graph of `outputs`. Fails with DEVICE_UNAVAILABLE where the provider is. */
  static async create(
    outputs: Readonly<Record<string, Tensor>>,
    options: SessionOptions = {},
  ): Promise<GraphSession> {
    const device = options.device ?? 'cpu';
    const model = encodeOnnx(outputs, { ...options, fuse: device === 'cpu' });
    const inputs = new Map<string, Tensor>();
    for (const node of topologicalOrder(Object.values(outputs))) {
      if (node.op === 'Input' && !options.initialisers?.has(node.name!))
        inputs.set(node.name!, node.outputs[0]);
    }
    try {
      const session = await ort.InferenceSession.create(model, {
        executionProviders: device === 'cpu' ? ['cpu'] : [device, 'cpu'],
        graphOptimizationLevel: 'all',
        executionMode: 'sequential',
        enableCpuMemArena: options.arena ?? true,
        // A pattern is one block for all of a run, beside those of the first run: more memory, no time gained.
        enableMemPattern: false,
        logSeverityLevel: 3,
        // Threads that wait for work sleep: spinning ones slow each other down wherever cores are shared.
        extra: { session: { intra_op: { allow_spinning: '0' } } },
        ...(options.threads ? { intraOpNumThreads: options.threads, interOpNumThreads: 1 } : {}),
        ...(options.profile ? { enableProfiling: true, profileFilePrefix: options.profile } : {}),
      });
      return new GraphSession(session, inputs, outputs, options.sizes ?? {});
    } catch (error) {
      if (device === 'cpu') throw error;
      throw new RefractError('DEVICE_UNAVAILABLE', `${device} cannot be used: ${(error as Error).message}`, {
        hint: 'Use --device cpu, or install a driver for the device.',
        cause: error,
      });
    }
  }

  /**
   * Computes the outputs. Every input of the graph must be given with its type and rank, and sizes that
   * agree. Outputs named in `into` are written there, their shapes being those of the results, and not
   * allocated. Errors: `GRAPH_INVALID` (an input is missing, `into` names no float output), `GRAPH_SHAPE`.
   */
  async run(
    feeds: Readonly<Record<string, Value>>,
    into: Readonly<Record<string, FloatValue>> = {},
  ): Promise<Record<string, FloatValue>> {
    const given: Record<string, ort.Tensor> = {};
    const bound: Record<string, number> = { ...this.sizes };
    for (const [name, tensor] of this.inputs) {
      const value = feeds[name];
      if (value === undefined) {
        throw new RefractError('GRAPH_INVALID', `input ${name} was not given`, { hint: `It is ${tensor}.` });
      }
      checkSizes(name, tensor, value, bound);
      given[name] = new ort.Tensor(
        ORT_TYPE[tensor.dtype],
        value.data as Float32Array,
        value.shape as number[],
      );
    }
    for (const [name, target] of Object.entries(into)) this.checkTarget(name, target, bound);
    const fetches: Record<string, ort.Tensor | null> = {};
    for (const name of this.session.outputNames) {
      const target = into[name];
      fetches[name] = target ? new ort.Tensor('float32', target.data, target.shape as number[]) : null;
    }
    const results = await this.session.run(given, fetches);
    const out: Record<string, FloatValue> = {};
    for (const name of this.session.outputNames) {
      out[name] = into[name] ?? { data: results[name].data as Float32Array, shape: results[name].dims };
    }
    return out;
  }

  /** Frees the session; a profile, where asked for, is written. */
  async close(): Promise<void> {
    try {
      this.session.endProfiling();
    } finally {
      await this.session.release();
    }
  }

  /** Refuses an array that cannot take an output; sizes that no input binds are left to ONNX Runtime. */
  private checkTarget(name: string, target: FloatValue, bound: Sizes): void {
    const tensor = this.outputs[name];
    if (tensor === undefined || tensor.dtype !== 'float32') {
      const floats = Object.keys(this.outputs).filter((each) => this.outputs[each].dtype === 'float32');
      throw new RefractError(
        'GRAPH_INVALID',
        tensor
          ? `output ${name} is ${tensor.dtype} and cannot be written into floats`
          : `there is no output ${name}`,
        { hint: `Outputs of float32: ${floats.join(', ')}.` },
      );
    }
    const shape = tensor.shape.map((dim) => bind(dim, bound));
    const given = showShape(target.shape);
    const problem = (text: string) =>
      new RefractError('GRAPH_SHAPE', `output ${name}: the array given is ${given}, ${text}`, {
        hint: `Give an array of ${showShape(shape)} for ${name}, or leave it out of \`into\`.`,
      });
    const fits = (dim: Dim, i: number) => typeof dim === 'string' || dim === target.shape[i];
    if (target.shape.length !== shape.length || !shape.every(fits))
      throw problem(`the result is ${showShape(shape)}`);
    if (target.shape.reduce((a, b) => a * b, 1) !== target.data.length)
      throw problem(`but has ${target.data.length} values`);
  }
}

function checkSizes(name: string, tensor: Tensor, value: Value, bound: Record<string, number>): void {
  const problem = (text: string) =>
    new RefractError('GRAPH_SHAPE', `input ${tensor}: given [${value.shape}], ${text}`, {
      hint: `Feed ${name} with the shape the graph was built for.`,
    });
  if (value.shape.length !== tensor.shape.length) throw problem('another rank');
  tensor.shape.forEach((dim, i) => {
    const size = value.shape[i];
    if (typeof dim === 'string' && bound[dim] === undefined && !dim.includes('*')) bound[dim] = size;
    const expected = bind(dim, bound);
    if (typeof expected === 'number' && expected !== size) throw problem(`axis ${i} should be ${expected}`);
  });
  const length = value.shape.reduce((a, b) => a * b, 1);
  if (length !== value.data.length) throw problem(`but ${value.data.length} values`);
}
