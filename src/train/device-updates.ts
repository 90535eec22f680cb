/**
 * Updates of weights that live on a device: weights and moments are outputs of one run and inputs of the next. From
 * step to step only batches, a few numbers and the loss pass between the device and the CPU.
 *
 * A step is one run for the gradient of each batch and one for the update of each group of tensors
 * (`device-graphs.ts`), so that no more than one group is held twice. The word table is updated in place, row by
 * row, by the rule of `optimiser.ts`.
 */
import { type Device, type DeviceTensor, DeviceTransfer, GraphSession, type Value } from '../graph/index.ts';
import { WORD_TABLE } from '../model/families/index.ts';
import type { FloatTensor } from '../model/safetensors.ts';
import { type AdamWSettings, adamwNumbers, type Moments } from './adamw.ts';
import { gradientGraph, groupUpdateGraph, rowUpdateGraph } from './device-graphs.ts';
import { LossScale } from './loss-scale.ts';
import { withEstimate } from './memory-estimate.ts';
import type { Batch, Objective } from './objective.ts';
import { OpenSessions } from './open-sessions.ts';
import { groupWeights, packGroup, sizeOf, unpackGroup, type WeightGroup } from './weight-groups.ts';
import type { OptimiserState, StepLoss, UpdateReport, WeightUpdates } from './weight-updates.ts';

/** How the updates are compiled. */
export interface DeviceUpdatesOptions {
  readonly device: Device;
  readonly threads: number;
  readonly trainable: ReadonlySet<string>;
  /** There will be more than one batch to an update. */
  readonly accumulate: boolean;
  readonly mixedPrecision: boolean;
  /** Floats of a group of tensors; for tests. */
  readonly groupFloats?: number;
}

/** Weights and moments on the device. */
interface Resident {
  x: DeviceTensor;
  m: DeviceTensor;
  v: DeviceTensor;
}

/** A gradient that waits for its update. */
interface Waiting {
  readonly gradients: Record<string, DeviceTensor>;
  readonly squares: number;
  readonly share: number;
  readonly unique?: Value;
}

/** AdamW on a device. */
export class DeviceUpdates implements WeightUpdates {
  private readonly objective: Objective;
  private readonly parameters: ReadonlyMap<string, FloatTensor>;
  private readonly settings: AdamWSettings;
  private readonly options: DeviceUpdatesOptions;
  private readonly groups: readonly WeightGroup[];
  private readonly rowwise: boolean;
  private readonly graph: ReturnType<typeof gradientGraph>;
  private readonly lossScale: LossScale | undefined;
  private readonly open = new OpenSessions();
  private transfer!: DeviceTransfer;
  private gradientSession!: GraphSession;
  private groupSession!: GraphSession;
  private rowSession: GraphSession | undefined;
  private idSession: GraphSession | undefined;
  private resident: Resident[] = [];
  private table: Resident | undefined;
  private readonly frozen: Record<string, DeviceTensor> = {};
  private waiting: Waiting | undefined;
  private stale = false;

  private constructor(
    objective: Objective,
    parameters: ReadonlyMap<string, FloatTensor>,
    settings: AdamWSettings,
    options: DeviceUpdatesOptions,
    earlier?: OptimiserState,
  ) {
    this.objective = objective;
    this.parameters = parameters;
    this.settings = settings;
    this.options = options;
    const { trainable, accumulate, mixedPrecision, groupFloats } = options;
    this.rowwise = trainable.has(WORD_TABLE) && objective.wholeTable === undefined;
    const grouped = [...objective.parameters.keys()].filter(
      (name) => trainable.has(name) && !(name === WORD_TABLE && this.rowwise),
    );
    this.groups = groupWeights(
      grouped.map((name) => [name, parameters.get(name)!.shape]),
      groupFloats,
    );
    this.lossScale = mixedPrecision ? new LossScale(earlier?.lossScale) : undefined;
    const { groups, rowwise } = this;
    this.graph = gradientGraph(objective, { trainable, groups, rowwise, accumulate, mixedPrecision });
  }

  /**
   * Compiles the graphs and brings weights and moments to the device. Errors: `DEVICE_UNAVAILABLE`,
   * `DEVICE_MEMORY`.
   *
   * @param earlier the state of a run that goes on
   */
  static async create(
    objective: Objective,
    parameters: ReadonlyMap<string, FloatTensor>,
    settings: AdamWSettings,
    options: DeviceUpdatesOptions,
    earlier?: OptimiserState,
  ): Promise<DeviceUpdates> {
    const updates = new DeviceUpdates(objective, parameters, settings, options, earlier);
    try {
      await updates.compile();
      await updates.uploadAll(earlier?.moments);
      return updates;
    } catch (error) {
      await updates.close();
      throw updates.estimated(error);
    }
  }

  async gradient(next: () => Batch | Promise<Batch>, count: number): Promise<StepLoss> {
    const batches: Batch[] = [];
    for (let k = 0; k < count; k++) batches.push(await next());
    const unique = this.idSession && (await uniqueIds(this.idSession, this.objective, batches));
    this.dropWaiting();
    let loss = 0;
    const metrics: Record<string, number> = {};
    for (const { feeds } of batches) {
      const values = await this.addBatch(feeds, unique, count);
      loss += values.loss.data[0] / count;
      for (const name of Object.keys(this.objective.metrics)) {
        metrics[name] = (metrics[name] ?? 0) + values[`metric/${name}`].data[0] / count;
      }
    }
    return { loss, metrics };
  }

  async update(rate: number, step: number, clipNorm: number): Promise<UpdateReport> {
    if (this.waiting === undefined) throw new Error('an update without a gradient');
    const { gradients, squares, share, unique } = this.waiting;
    const { lossScale } = this;
    const unit = share / (lossScale?.value ?? 1);
    const norm = Math.sqrt(squares) * unit;
    const report = { norm, ...(lossScale && { lossScale: lossScale.value }) };
    const at = lossScale?.made(step) ?? step;
    if (!(lossScale?.accepts(norm) ?? true)) {
      this.dropWaiting();
      return { ...report, skipped: !lossScale!.exhausted };
    }
    const scale = norm > clipNorm ? (unit * clipNorm) / norm : unit;
    const numbers = (decay: boolean) => {
      const found = adamwNumbers(this.settings, rate, at, scale, decay);
      return Object.fromEntries(
        (['scale', 'shrink', 'size', 'root'] as const).map((name) => [name, scalar(found[name])]),
      );
    };
    this.stale = true;
    for (const [i, { decays }] of this.groups.entries()) {
      const old = this.resident[i];
      const g = gradients[`gradient/${i}`];
      const { kept } = await this.groupSession.runKeeping({ ...old, g, ...numbers(decays) });
      this.resident[i] = { x: kept.newX, m: kept.newM, v: kept.newV };
      for (const tensor of [old.x, old.m, old.v, g]) tensor.dispose();
    }
    if (this.table && this.rowSession && unique) {
      const { x, m, v } = this.table;
      await this.rowSession.runKeeping(
        { x, m, v, g: gradients['gradient/rows'], unique, ...numbers(false) },
        { newX: x, newM: m, newV: v },
      );
    }
    this.dropWaiting();
    return report;
  }

  async fetchWeights(): Promise<void> {
    if (!this.stale) return;
    await this.download('x', new Map([...this.parameters].map(([name, { data }]) => [name, data])));
    this.stale = false;
  }

  async state(): Promise<OptimiserState> {
    const fetched = async (which: 'm' | 'v') => {
      const names = [...this.parameters].filter(([name]) => this.options.trainable.has(name));
      const arrays = new Map(names.map(([name, { data }]) => [name, new Float32Array(data.length)]));
      await this.download(which, arrays);
      return arrays;
    };
    const [m, v] = [await fetched('m'), await fetched('v')];
    const moments = new Map(
      [...m].map(([name, first]): [string, Moments] => [name, { m: first, v: v.get(name)! }]),
    );
    return { moments, ...(this.lossScale && { lossScale: this.lossScale.save() }) };
  }

  async close(): Promise<void> {
    this.dropWaiting();
    for (const { x, m, v } of [...this.resident, ...(this.table ? [this.table] : [])])
      for (const tensor of [x, m, v]) tensor.dispose();
    for (const tensor of Object.values(this.frozen)) tensor.dispose();
    await this.open.close();
  }

  private async compile(): Promise<void> {
    const { device, threads } = this.options;
    const keep = Object.keys(this.graph).filter((name) => name.startsWith('gradient/'));
    const open = async (graph: typeof this.graph, keeping?: readonly string[], on = device) =>
      this.open.keep(await GraphSession.create(graph, { device: on, threads, keep: keeping }));
    this.transfer = this.open.keep(await DeviceTransfer.create(device));
    this.gradientSession = await open(this.graph, keep);
    this.groupSession = await open(groupUpdateGraph(this.settings), ['newX', 'newM', 'newV']);
    if (!this.options.trainable.has(WORD_TABLE)) return;
    if (this.rowwise) {
      const { shape } = this.parameters.get(WORD_TABLE)!;
      this.rowSession = await open(rowUpdateGraph(this.settings, shape));
    }
    const ids = this.objective.lookups.map((lookup, i) => [`ids/${i}`, lookup.ids]);
    this.idSession = await open(Object.fromEntries(ids), undefined, 'cpu');
  }

  private async uploadAll(moments?: ReadonlyMap<string, Moments>): Promise<void> {
    const flat = (data: Float32Array) => this.transfer.upload({ data, shape: [data.length] });
    const packed = (group: WeightGroup, which: 'm' | 'v') =>
      flat(moments ? packGroup(group, (name) => moments.get(name)![which]) : new Float32Array(group.length));
    for (const group of this.groups) {
      const x = await flat(packGroup(group, (name) => this.parameters.get(name)!.data));
      this.resident.push({ x, m: await packed(group, 'm'), v: await packed(group, 'v') });
    }
    const grouped = new Set(this.groups.flatMap(({ places }) => places.map(({ name }) => name)));
    for (const name of this.objective.parameters.keys()) {
      const { data, shape } = this.parameters.get(name)!;
      if (grouped.has(name)) continue;
      const x = await this.transfer.upload({ data, shape });
      if (!(name === WORD_TABLE && this.rowwise)) this.frozen[name] = x;
      else {
        const zeros = new Float32Array(moments ? 0 : data.length);
        const { m, v } = moments?.get(name) ?? { m: zeros, v: zeros };
        const other = (values: Float32Array) => this.transfer.upload({ data: values, shape });
        this.table = { x, m: await other(m), v: await other(v) };
      }
    }
  }

  /** Runs one batch; its gradient is added to the one that waits. */
  private async addBatch(feeds: Batch['feeds'], unique: Value | undefined, count: number) {
    const given: Record<string, Value | DeviceTensor> = { ...this.frozen, ...feeds };
    if (this.table) given[WORD_TABLE] = this.table.x;
    if (unique) given.unique = unique;
    if (this.lossScale) given.lossScale = scalar(this.lossScale.value);
    this.groups.forEach((_, i) => {
      given[`group/${i}`] = this.resident[i].x;
      // For the first batch `carry` is 0: any array will do.
      given[`sum/${i}`] = this.waiting?.gradients[`gradient/${i}`] ?? this.resident[i].x;
    });
    given.carry = scalar(this.waiting ? 1 : 0);
    if (this.rowwise && unique) {
      const shape = [unique.data.length, this.parameters.get(WORD_TABLE)!.shape[1]];
      const none = { data: new Float32Array(this.options.accumulate ? sizeOf(shape) : 0), shape };
      given['sum/rows'] = this.waiting?.gradients['gradient/rows'] ?? none;
    }
    const { values, kept } = await this.gradientSession.runKeeping(given).catch((error) => {
      throw this.estimated(error, feeds, unique);
    });
    this.dropWaiting();
    let squares = 0;
    for (const [name, { data }] of Object.entries(values)) {
      if (name.startsWith('squares/')) for (const x of data) squares += x;
    }
    this.waiting = { gradients: kept, squares, share: 1 / count, unique };
    return values;
  }

  private async download(which: keyof Resident, into: ReadonlyMap<string, Float32Array>): Promise<void> {
    for (const [i, group] of this.groups.entries()) {
      const flat = new Float32Array(group.length);
      await this.transfer.download(this.resident[i][which], flat);
      unpackGroup(group, flat, into);
    }
    if (this.table) await this.transfer.download(this.table[which], into.get(WORD_TABLE)!);
  }

  private dropWaiting(): void {
    for (const tensor of Object.values(this.waiting?.gradients ?? {})) tensor.dispose();
    this.waiting = undefined;
  }

  private estimated(error: unknown, feeds: Batch['feeds'] = {}, unique?: Value): unknown {
    return withEstimate(error, {
      graph: this.graph,
      feeds: { ...feeds, ...(unique && { unique }) },
      parameters: [...this.objective.parameters.keys()].map((name) => this.parameters.get(name)!),
      trained: this.groups.reduce((sum, { length }) => sum + length, 0),
      table: this.rowwise ? this.parameters.get(WORD_TABLE)!.data.length : 0,
    });
  }
}

function scalar(value: number): Value {
  return { data: Float32Array.of(value), shape: [] };
}

/** The ids that the look-ups of `batches` use, each once. */
async function uniqueIds(
  session: GraphSession,
  objective: Objective,
  batches: readonly Batch[],
): Promise<Value> {
  const ids = new Set<number>();
  for (const { feeds } of batches) {
    const found = await session.run(feeds);
    objective.lookups.forEach((_, i) => {
      for (const id of found[`ids/${i}`].data) ids.add(id);
    });
  }
  const data = Int32Array.from(ids);
  return { data, shape: [data.length] };
}
