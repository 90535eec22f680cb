/**
 * Folders of a foreign BERT for tests: `test/fixtures/base`, in the layout of multilingual BERT, and copies of it
 * whose files were changed.
 */
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The small BERT as transformers wrote it; its tokenizer has [unused1] to [unused5], but no [Q] and [D]. */
export const BASE = 'test/fixtures/base';

/** Sentences in several scripts, with the ids that AutoTokenizer gives them. */
export const BASE_GOLDEN: readonly { readonly text: string; readonly ids: readonly number[] }[] = JSON.parse(
  readFileSync(join(BASE, 'golden.json'), 'utf8'),
);

/**
 * Copies the small BERT to `folder`; `change` gives files of it another text.
 *
 * @example copyBase(at('mute'), { 'tokenizer.json': (text) => text.replaceAll('[MASK]', '<hidden>') })
 */
export function copyBase(
  folder: string,
  change: Readonly<Record<string, (text: string) => string>> = {},
): string {
  cpSync(BASE, folder, { recursive: true });
  for (const [name, edit] of Object.entries(change))
    writeFileSync(join(folder, name), edit(readFileSync(join(BASE, name), 'utf8')));
  return folder;
}

/** Changes of a `tokenizer.json` without free rows: [unused1] becomes the word `zz1`. */
export const WITHOUT_UNUSED = {
  'tokenizer.json': (text: string) => text.replace(/\[unused(\d)\]/g, 'zz$1'),
};
