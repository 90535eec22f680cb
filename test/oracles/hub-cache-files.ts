/** The model that hub-cache.ts serves to huggingface_hub, and the test to Refract. */
import { readFileSync } from 'node:fs';

export const GOLDEN_MODEL = 'test-org/golden';

export const GOLDEN_FILES = {
  'config.json': readFileSync('test/fixtures/base/config.json', 'utf8'),
  'tokenizer.json': '{"model": {"vocab": {"ọmọ": 0, "पानी": 1}}}\n',
  'model.safetensors': 'weights',
  'modules.json': '[{"path": ""}, {"path": "1_Dense"}]\n',
  '1_Dense/config.json': '{}\n',
  '1_Dense/model.safetensors': 'dense weights',
};
