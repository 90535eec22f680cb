/** What a build is told. */
import type { StageControl } from '../../stage.ts';
import type { FileSystem } from '../file-system.ts';
import type { IndexFingerprint } from '../late-interaction.ts';
import type { LexicalSettings } from '../lexical/lexical-files.ts';
import type { PrecisionChoice } from '../manifest.ts';
import type { CarriedFolder } from './carried-folder.ts';

/** What is built. */
export interface IndexBuildSettings {
  readonly dim: number;
  readonly fingerprint: IndexFingerprint;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly precision: PrecisionChoice;
  /** How passages are cut into words for BM25; by default as they are. */
  readonly words?: LexicalSettings;
  /** Names source, teacher and settings; a build of the same key can go on. Without it nothing is kept of a failure. */
  readonly key?: string;
  /** A folder that the index carries along. */
  readonly carry?: CarriedFolder & {
    /** The setting of the index that says under which name it lies. */
    readonly setting: string;
  };
}

/** How it is built. */
export interface IndexBuildOptions {
  /** Memory that segments which are being written may hold, about; default 1 GiB. */
  readonly memoryBytes?: number;
  /** Passages after which a staged segment is closed at the next resting place; default 4096. */
  readonly stagedPassages?: number;
  /** Threads of compressing, by default those of the machine. */
  readonly threads?: number;
  readonly notice?: (sentence: string) => void;
  readonly files?: FileSystem;
  readonly control?: StageControl;
}
