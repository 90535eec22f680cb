/**
 * Updates of weights by AdamW on the CPU, with gradients from any device: weights are fed, and gradients brought
 * back, at every run.
 */
import type { FloatTensor } from '../model/safetensors.ts';
import type { AdamWSettings } from './adamw.ts';
import type { Batch, Objective } from './objective.ts';
import { Optimiser } from './optimiser.ts';
import { GradientStep, type StepOptions } from './step.ts';
import type { OptimiserState, StepLoss, UpdateReport, WeightUpdates } from './weight-updates.ts';

/** AdamW over arrays of the CPU, in place. */
export class HostUpdates implements WeightUpdates {
  private readonly optimiser: Optimiser;
  private readonly step: GradientStep;
  private share = 1;

  private constructor(optimiser: Optimiser, step: GradientStep) {
    this.optimiser = optimiser;
    this.step = step;
  }

  /** @param earlier the state of a run that goes on; its moments are copied */
  static async create(
    objective: Objective,
    parameters: ReadonlyMap<string, FloatTensor>,
    adamw: AdamWSettings,
    options: Omit<StepOptions, 'into'>,
    earlier?: OptimiserState,
  ): Promise<HostUpdates> {
    const trained = [...parameters].filter(([name]) => options.trainable.has(name));
    const optimiser = new Optimiser(new Map(trained.map(([name, t]) => [name, t.data])), adamw);
    for (const [name, { m, v }] of earlier?.moments ?? []) {
      optimiser.moments.get(name)!.m.set(m);
      optimiser.moments.get(name)!.v.set(v);
    }
    const step = await GradientStep.create(objective, parameters, { ...options, into: optimiser.gradients });
    return new HostUpdates(optimiser, step);
  }

  async gradient(next: () => Batch | Promise<Batch>, count: number): Promise<StepLoss> {
    let loss = 0;
    const metrics: Record<string, number> = {};
    for (let k = 0; k < count; k++) {
      const result = await this.step.add(await next());
      loss += result.loss / count;
      for (const [name, value] of Object.entries(result.metrics)) {
        metrics[name] = (metrics[name] ?? 0) + value / count;
      }
    }
    this.share = 1 / count;
    return { loss, metrics };
  }

  async update(rate: number, step: number, clipNorm: number): Promise<UpdateReport> {
    return { norm: this.optimiser.update(this.step.take(), rate, step, this.share, clipNorm) };
  }

  async fetchWeights(): Promise<void> {}

  async state(): Promise<OptimiserState> {
    return { moments: this.optimiser.moments };
  }

  close(): Promise<void> {
    return this.step.close();
  }
}
