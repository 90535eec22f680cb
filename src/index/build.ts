/** Building an index in one go from vectors that are at hand, passage by passage, with flat memory. */
import { existsSync } from 'node:fs';
import { asWriteError } from '../data/atomic.ts';
import { RefractError } from '../errors.ts';
import type { EncodedPassage } from './encoded-passage.ts';
import type { IndexFingerprint } from './late-interaction.ts';
import type { LexicalSettings } from './lexical/lexical-files.ts';
import type { IndexManifest, PrecisionChoice } from './manifest.ts';
import { NO_TEXTS } from './texts-report.ts';
import { checkPlace } from './writer/build-place.ts';
import { IndexBuild, type IndexBuildOptions } from './writer/index-build.ts';

export type { EncodedPassage } from './encoded-passage.ts';

/** Settings of `buildIndex`. */
export interface IndexSettings {
  /** Size of a token vector. */
  readonly dim: number;
  readonly fingerprint: IndexFingerprint;
  /** The encoder's settings (JSON values), stored as they are. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /**
   * `float16` (default) halves the size; its rounding moves a component of a unit vector by at most 2^-12. `4bit`, `2bit`
   * and `1bit` compress; `4bit+float16` and the like rank what these find by float16 vectors on the disk; `auto` takes
   * `float16`, or `4bit` where many passages would take much memory.
   */
  readonly precision?: PrecisionChoice;
  /** How passages are cut into words for BM25; by default as they are. */
  readonly words?: LexicalSettings;
  /** Replace an index that is already there; refused without it. */
  readonly overwrite?: boolean;
}

/**
 * Writes an index to the directory `out`, which holds nothing or an index, atomically: it is seen when it is complete, and a failure (the encoder's too)
 * leaves whatever was there before. Readers of an index that is replaced go on with what they opened.
 *
 * @returns the manifest
 * @throws RefractError `FILE_EMPTY` no passages; `DUPLICATE_ID`; `PASSAGE_EMPTY`; `GRAPH_SHAPE` vectors of another size;
 * `SETTING_INVALID` vectors that are not finite; `FIELD_TYPE` a metadata field that changes its type; `OUTPUT_EXISTS`; `INDEX_LOCKED`; `DISK_FULL`
 * @example
 * await buildIndex('index', { dim: 64, fingerprint }, encodePassages(teacher, passages));
 */
export async function buildIndex(
  out: string,
  { dim, fingerprint, settings = {}, precision = 'float16', words, overwrite = false }: IndexSettings,
  passages: AsyncIterable<EncodedPassage> | Iterable<EncodedPassage>,
  options: IndexBuildOptions = {},
): Promise<IndexManifest> {
  if (!overwrite && existsSync(out))
    throw new RefractError('OUTPUT_EXISTS', 'there is already something here', {
      at: out,
      hint: 'Choose another place, or ask to overwrite.',
    });
  checkPlace(out, overwrite);
  const build = await IndexBuild.open(out, { dim, fingerprint, settings, precision, words }, options);
  try {
    let read = 0;
    for await (const encoded of passages) {
      await build.add(encoded);
      await build.rest(++read, NO_TEXTS);
    }
    return await build.finish(read, NO_TEXTS);
  } catch (error) {
    await build.suspend();
    throw asWriteError(error, out);
  }
}
