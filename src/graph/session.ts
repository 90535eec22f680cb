/**
 * Runs a graph on an execution provider of ONNX Runtime. Inputs and outputs are plain typed arrays;
 * outputs can be written into arrays the caller owns, so that a training step allocates nothing.
 */
import * as ort from 'onnxruntime-node';
import { RefractError } from '../errors.ts';
import { DeviceTensor } from './device-tensor.ts';
import { topologicalOrder } from './gradient.ts';
import { type EncodeOptions, encodeOnnx } from './onnx/encode.ts';
import { asOpenError, asRunError, type Device, executionProviders } from './providers.ts';
import { bind, type Dim, type Sizes, showShape } from './shape.ts';
import type { DataType, Tensor } from './tensor.ts';

/** Options of `GraphSession.create`. */
export interface SessionOptions extends Omit<EncodeOptions, 'fuse'> {
  readonly device?: Device;
  /**
   * Outputs that stay on the device, for `runKeeping`. The memory of ONNX Runtime's CUDA provider cannot be held
   * in Node: there these come to the CPU.
   */
  readonly keep?: readonly string[];
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
  /** Where it runs. */
  readonly device: Device;
  private readonly keep: ReadonlySet<string>;

  private constructor(
    session: ort.InferenceSession,
    inputs: ReadonlyMap<string, Tensor>,
    outputs: Readonly<Record<string, Tensor>>,
    { sizes = {}, device = 'cpu', keep = [] }: SessionOptions,
  ) {
    this.session = session;
    this.inputs = inputs;
    this.outputs = outputs;
    this.sizes = sizes;
    this.device = device;
    this.keep = new Set(keep);
  }

  /** Encodes and compiles the graph of `outputs`. Errors: `DEVICE_UNAVAILABLE`, `DEVICE_MEMORY`. */
  static async create(
    outputs: Readonly<Record<string, Tensor>>,
    options: SessionOptions = {},
  ): Promise<GraphSession> {
    const device = options.device ?? 'cpu';
    const model = encodeOnnx(outputs, { ...options, fuse: device !== 'webgpu' });
    const inputs = new Map<string, Tensor>();
    for (const node of topologicalOrder(Object.values(outputs))) {
      if (node.op === 'Input' && !options.initialisers?.has(node.name!))
        inputs.set(node.name!, node.outputs[0]);
    }
    try {
      const session = await ort.InferenceSession.create(model, {
        executionProviders: executionProviders(device),
        graphOptimizationLevel: 'all',
        executionMode: 'sequential',
        enableCpuMemArena: options.arena ?? true,
        // A pattern is one block for all of a run, beside those of the first run: more memory, no time gained.
        enableMemPattern: false,
        logSeverityLevel: 3,
        // Threads that wait for work sleep: spinning ones slow each other down wherever cores are shared.
        extra: { session: { intra_op: { allow_spinning: '0' } } },
        ...(options.threads ? { intraOpNumThreads: options.threads, interOpNumThreads: 1 } : {}),
        ...(device === 'webgpu' && options.keep
          ? {
              preferredOutputLocation: Object.fromEntries(
                Object.keys(outputs).map((name) => [
                  name,
                  options.keep?.includes(name) ? 'gpu-buffer' : 'cpu',
                ]),
              ),
            }
          : {}),
        ...(options.profile ? { enableProfiling: true, profileFilePrefix: options.profile } : {}),
      });
      return new GraphSession(session, inputs, outputs, options);
    } catch (error) {
      throw asOpenError(device, error);
    }
  }

  /**
   * Computes the outputs. Every input of the graph must be given with its type and rank, and sizes that
   * agree. Outputs named in `into` are written there, their shapes being those of the results, and not
   * allocated. Errors: `GRAPH_INVALID` (an input is missing, `into` names no float output), `GRAPH_SHAPE` (also of a row that a table lacks),
   * `DEVICE_MEMORY`.
   */
  async run(
    feeds: Readonly<Record<string, Value | DeviceTensor>>,
    into: Readonly<Record<string, FloatValue>> = {},
  ): Promise<Record<string, FloatValue>> {
    return (await this.runKeeping(feeds, into)).values;
  }

  /**
   * The same, with the outputs named in `keep` left on the device; the caller disposes them. An output named in
   * `into` may be a tensor on the device, even one that is fed, where each of its elements is read for no other
   * than itself (in a session without `keep`).
   */
  async runKeeping(
    feeds: Readonly<Record<string, Value | DeviceTensor>>,
    into: Readonly<Record<string, FloatValue | DeviceTensor>> = {},
  ): Promise<{ values: Record<string, FloatValue>; kept: Record<string, DeviceTensor> }> {
    const given: Record<string, ort.Tensor> = {};
    const bound: Record<string, number> = { ...this.sizes };
    for (const [name, tensor] of this.inputs) {
      const value = feeds[name];
      if (value === undefined) {
        throw new RefractError('GRAPH_INVALID', `input ${name} was not given`, { hint: `It is ${tensor}.` });
      }
      checkSizes(name, tensor, value, bound);
      given[name] =
        value instanceof DeviceTensor
          ? value.tensor
          : new ort.Tensor(ORT_TYPE[tensor.dtype], value.data as Float32Array, value.shape as number[]);
    }
    const fetches: Record<string, ort.Tensor | null> = {};
    for (const [name, target] of Object.entries(into)) {
      if (!(target instanceof DeviceTensor)) this.checkTarget(name, target, bound);
    }
    for (const name of this.session.outputNames) {
      const target = into[name];
      if (target instanceof DeviceTensor) fetches[name] = target.tensor;
      else fetches[name] = target ? new ort.Tensor('float32', target.data, target.shape as number[]) : null;
    }
    const results = await this.session.run(given, fetches).catch((error) => {
      throw asRunError(this.device, error);
    });
    const values: Record<string, FloatValue> = {};
    const kept: Record<string, DeviceTensor> = {};
    for (const name of this.session.outputNames) {
      const target = into[name];
      if (target instanceof DeviceTensor) continue;
      if (this.keep.has(name)) kept[name] = new DeviceTensor(results[name]);
      else values[name] = target ?? { data: results[name].data as Float32Array, shape: results[name].dims };
    }
    return { values, kept };
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

function checkSizes(
  name: string,
  tensor: Tensor,
  value: Value | DeviceTensor,
  bound: Record<string, number>,
): void {
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
  if (value instanceof DeviceTensor) return;
  const length = value.shape.reduce((a, b) => a * b, 1);
  if (length !== value.data.length) throw problem(`but ${value.data.length} values`);
}
