/** Bases of the families beside BERT (test/oracles/bases.py), each with the tokenizer of its family. */
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { readCheckpoint, writeCheckpoint } from '../src/model/checkpoint.ts';
import { SETTINGS_VERSION } from '../src/model/settings.ts';
import { startFromBase } from '../src/train/teach-base.ts';
import { teachBaseDefaults } from '../src/train/teach-settings.ts';

const BASES = 'test/fixtures/bases';

/** Each base with its tokenizer's name in test/fixtures/families. */
const TOKENIZERS = {
  'xlm-roberta': 'xlm-roberta',
  roberta: 'roberta',
  distilbert: 'bert-cased',
  modernbert: 'modernbert',
} as const;

export type FamilyBase = keyof typeof TOKENIZERS;
/** The bases by `model_type`. */
export const FAMILY_BASES = Object.keys(TOKENIZERS) as FamilyBase[];

/** A text, what transformers' tokenizer makes of it, and the last hidden states [ids, 20] of its encoder. */
export interface BaseGolden {
  readonly text: string;
  readonly ids: readonly number[];
  readonly hidden: readonly number[];
}

/** What transformers computes with the base, for one text in each of six scripts or mixtures. */
export function baseGolden(name: FamilyBase): BaseGolden[] {
  return JSON.parse(readFileSync(join(BASES, name, 'golden.json'), 'utf8'));
}

/**
 * Puts a base into `folder`, as its publisher's folder would be.
 *
 * @example writeFamilyBase('xlm-roberta', at('base')) // at('base')
 */
export function writeFamilyBase(name: FamilyBase, folder: string): string {
  cpSync(join(BASES, name), folder, { recursive: true });
  const tokenizer = readFileSync(`test/fixtures/families/${TOKENIZERS[name]}.json.gz`);
  writeFileSync(join(folder, 'tokenizer.json'), gunzipSync(tokenizer));
  return folder;
}

/** Writes the teacher to `folder` that training from the base begins with: its markers and projection are new. */
export async function writeFamilyTeacher(name: FamilyBase, folder: string): Promise<void> {
  const base = readCheckpoint(writeFamilyBase(name, `${folder}-base`), { allowBase: true });
  const settings = teachBaseDefaults(base);
  const { config, parameters, retrieval, tokenizer, ...files } = startFromBase(base, {
    ...settings,
    retrieval: { ...settings.retrieval, dim: 12, queryMaxTokens: 32, passageMaxTokens: 40 },
  });
  const common = { version: SETTINGS_VERSION, createdWith: 'refract 0.0.0', languages: ['en'], training: {} };
  await writeCheckpoint(folder, {
    ...files,
    config,
    tensors: parameters,
    tokenizerJson: { ...tokenizer.json },
    settings: { ...common, kind: 'teacher', retrieval },
  });
}
