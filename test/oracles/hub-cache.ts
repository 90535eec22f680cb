/** Serves one model as the tests' hub does and prints its address; for hub-cache.py, which stops it. */
import { HubServer } from '../hub-server.ts';

const server = new HubServer();
await server.start();
server.publish('test-org/golden', {
  'config.json': '{"model_type": "bert"}\n',
  'tokenizer.json': '{"model": {"vocab": {"ọmọ": 0, "पानी": 1}}}\n',
  'model.safetensors': 'weights',
  'modules.json': '[{"path": ""}, {"path": "1_Dense"}]\n',
  '1_Dense/config.json': '{}\n',
  '1_Dense/model.safetensors': 'dense weights',
});
process.stdout.write(`${server.url}\n`);
