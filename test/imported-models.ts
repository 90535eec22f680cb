/**
 * Folders of encoders that Refract has no family for: `test/fixtures/imported` (test/oracles/imported.py), and copies of
 * them whose files were changed.
 */
import { cpSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const FIXTURES = 'test/fixtures/imported';
/** ELECTRA and ALBERT. */
export const FOREIGN = ['electra', 'albert'] as const;
export type ForeignName = (typeof FOREIGN)[number];

/** The folder of an encoder as its tool wrote it. */
export const importedFolder = (name: ForeignName | 'bert') => join(FIXTURES, name);

/** Hidden states that PyTorch computes of a sentence. */
export interface GoldenText {
  readonly text: string;
  readonly ids: readonly number[];
  readonly last_hidden_state: readonly number[];
}

/** Sentences in several scripts, by model. */
export const IMPORTED_GOLDEN: Readonly<Record<ForeignName, readonly GoldenText[]>> = JSON.parse(
  readFileSync(join(FIXTURES, 'golden.json'), 'utf8'),
);

/**
 * Copies a folder; a file of `change` gets another content, or is removed where that is undefined.
 *
 * @example copyImported('electra', at('mute'), { 'tokenizer.json': undefined })
 */
export function copyImported(
  name: ForeignName | 'bert',
  folder: string,
  change: Readonly<Record<string, ((content: Buffer) => string | Uint8Array) | undefined>> = {},
): string {
  cpSync(importedFolder(name), folder, { recursive: true });
  for (const [file, edit] of Object.entries(change)) {
    const path = join(folder, file);
    if (edit === undefined) rmSync(path);
    else writeFileSync(path, edit(readFileSync(path)));
  }
  return folder;
}

/** A copy of the BERT whose weights are there in its ONNX file alone. */
export function bertAsOnnx(folder: string): string {
  copyImported('bert', folder, { 'model.safetensors': undefined });
  renameSync(join(folder, 'onnx/model.onnx'), join(folder, 'model.onnx'));
  return folder;
}
