/** Tensors that stay where graphs run, between runs: a GPU's memory, or the CPU's where that is the device. */
import type * as ort from 'onnxruntime-node';

let live = 0;

/** How many `DeviceTensor`s were made and not disposed: what a test of leaks counts. */
export function liveDeviceTensors(): number {
  return live;
}

/**
 * Values on a device. The holder disposes them; ONNX Runtime then uses their memory for other tensors. Read
 * them with `DeviceTransfer.download`: `getData()` of ONNX Runtime's own tensors aborts the process.
 */
export class DeviceTensor {
  readonly shape: readonly number[];
  private held: ort.Tensor | undefined;

  constructor(tensor: ort.Tensor) {
    this.shape = tensor.dims;
    this.held = tensor;
    live++;
  }

  /** The runtime's tensor. Throws when it was disposed. */
  get tensor(): ort.Tensor {
    if (this.held === undefined) throw new Error(`a tensor [${this.shape}] was used after it was disposed`);
    return this.held;
  }

  /** Gives the memory back; once is enough, twice is harmless. */
  dispose(): void {
    if (this.held === undefined) return;
    this.held.dispose();
    this.held = undefined;
    live--;
  }
}
