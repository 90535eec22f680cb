/** Serves one model as the tests' hub does and prints its address; for hub-cache.py, which stops it. */
import { HubServer } from '../hub-server.ts';
import { GOLDEN_FILES, GOLDEN_MODEL } from './hub-cache-files.ts';

const server = new HubServer();
await server.start();
server.publish(GOLDEN_MODEL, GOLDEN_FILES);
process.stdout.write(`${server.url}\n`);
