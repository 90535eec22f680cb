/** The files of a model as whoever looks through them sees them. */
import type { HubName } from './model-name.ts';

/** The files of a model, on the hub or in the cache. */
export interface Repository {
  readonly model: HubName;
  /** Where it is, for messages. */
  readonly at: string;
  readonly paths: readonly string[];
  /** The text of a small file. */
  readonly read: (path: string) => Promise<string>;
  /** The files beside an ONNX model in which it keeps data, as it names them. */
  readonly external: (path: string) => Promise<readonly string[]>;
}
