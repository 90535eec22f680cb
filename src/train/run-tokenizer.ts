/** The tokenizer of a run: learnt once and kept in the run's folder, so that a resumed run takes the same. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomic } from '../data/atomic.ts';
import type { TokenizerJson } from '../text/tokenizer-json.ts';

/**
 * The tokenizer in the folder `run` when it is resumed and has one, otherwise what `learn` gives, written there.
 *
 * @example runTokenizer('teacher.unfinished', resume, () => trainTokenizer(texts, settings))
 */
export function runTokenizer(run: string, resume: boolean, learn: () => TokenizerJson): TokenizerJson {
  const path = join(run, 'tokenizer.json');
  if (resume && existsSync(path)) return JSON.parse(readFileSync(path, 'utf8')) as TokenizerJson;
  const json = learn();
  writeFileAtomic(path, JSON.stringify(json));
  return json;
}
