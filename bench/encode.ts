/**
 * The rate at which passages become token vectors: Refract in float32 and int8, PyTorch (bench/encode_torch.py) and
 * transformers.js with the model that Refract exports, of the same size and on the same tokens. Every engine is a
 * process of its own that encodes all passages when it is asked, and they are asked in turns, so that whatever else the
 * machine does meets all of them. Prints a line for each turn, then medians of the ratios to PyTorch within turns.
 *
 *     npx tsx bench/encode.ts --size minilm --passages ../shared/kit/test/ood-afriqa/corpus.en.jsonl \
 *       --count 256 --threads 1 --turns 5 [--python PYTHON [--compile]] [--modules PLACE]
 *
 * PYTHON has torch and transformers; PLACE is a folder in which `npm install @huggingface/transformers` was run.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { readPassages } from '../src/data/passages.ts';
import { passageText } from '../src/data/records.ts';
import { writeCheckpoint } from '../src/model/checkpoint.ts';
import { configOfSize } from '../src/model/config.ts';
import { exportOnnx } from '../src/model/export/onnx.ts';
import { InputMaker } from '../src/model/input.ts';
import { retrievalSettings, SETTINGS_VERSION } from '../src/model/settings.ts';
import { loadTokenizer } from '../src/text/tokenizer.ts';
import { trainTokenizer } from '../src/text/train-bpe.ts';
import { initialWeights } from '../src/train/initialise.ts';

const { values } = parseArgs({
  options: {
    size: { type: 'string', default: 'minilm' },
    passages: { type: 'string' },
    count: { type: 'string', default: '256' },
    threads: { type: 'string', default: '1' },
    turns: { type: 'string', default: '5' },
    python: { type: 'string' },
    compile: { type: 'boolean', default: false },
    modules: { type: 'string' },
  },
});
if (values.passages === undefined) throw new Error('give --passages FILE');
const [count, threads, turns] = [values.count, values.threads, values.turns].map(Number);
const SIZES: Record<string, object> = {
  minilm: { numHiddenLayers: 12, hiddenSize: 384, numAttentionHeads: 12, intermediateSize: 1536 },
  base: {},
};
const DIM = 128;
const VOCABULARY = 16_000;
const LONGEST = 180;

const folder = mkdtempSync(join(tmpdir(), 'refract-bench-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const passages = await readPassages(values.passages);
const step = Math.max(1, Math.floor(passages.length / count));
const texts = passages
  .filter((_, i) => i % step === 0)
  .slice(0, count)
  .map(passageText);
const tokenizerJson = await trainTokenizer(passages.slice(0, 2000).map(passageText), {
  vocabSize: VOCABULARY,
});
const retrieval = retrievalSettings({ dim: DIM, queryMaxTokens: 32, passageMaxTokens: LONGEST });
const maker = new InputMaker(loadTokenizer({ ...tokenizerJson }), retrieval);
const ids = texts.map((text) => [...maker.passage(text).ids]);
const tokens = ids.reduce((sum, each) => sum + each.length, 0);
const config = configOfSize('base', { vocabSize: VOCABULARY, ...SIZES[values.size] });
await writeCheckpoint(join(folder, 'teacher'), {
  config,
  settings: {
    version: SETTINGS_VERSION,
    createdWith: 'bench',
    languages: [],
    training: {},
    kind: 'teacher',
    retrieval,
  },
  tensors: initialWeights(config, 1, DIM),
  tokenizerJson: { ...tokenizerJson },
});
writeFileSync(join(folder, 'ids.json'), JSON.stringify(ids));
if (values.modules)
  await exportOnnx(join(folder, 'teacher'), join(folder, 'onnx'), { precisions: ['float32', 'int8'] });

/** What an engine said of one turn; `cpu` are seconds of all its threads. */
interface Turn {
  readonly seconds: number;
  readonly cpu: number;
  readonly note?: string;
}

class Engine {
  readonly name: string;
  private readonly child: ChildProcess;
  private readonly lines: AsyncIterator<string>;

  constructor(name: string, command: string, args: readonly string[]) {
    this.name = name;
    this.child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.lines = createInterface({ input: this.child.stdout! })[Symbol.asyncIterator]();
  }

  /** A line when the engine is ready, and one for each turn. */
  async answer(): Promise<Turn> {
    const { value, done } = await this.lines.next();
    if (done) throw new Error(`${this.name} ended`);
    return JSON.parse(value);
  }

  turn(): Promise<Turn> {
    this.child.stdin!.write('go\n');
    return this.answer();
  }

  end(): void {
    this.child.stdin!.end();
  }
}

const engine = (name: string, ...args: string[]) =>
  new Engine(name, process.execPath, [
    '--import',
    'tsx',
    'bench/encode-engine.ts',
    folder,
    String(threads),
    ...args,
  ]);
const torch = (name: string, ...args: string[]) =>
  new Engine(name, values.python!, ['bench/encode_torch.py', folder, String(threads), ...args]);
const engines = [
  ...(values.python ? [torch('torch')] : []),
  ...(values.python && values.compile ? [torch('torch compiled', 'compile')] : []),
  engine('refract float32', 'refract', 'float32'),
  engine('refract int8', 'refract', 'int8'),
  ...(values.modules
    ? [
        engine('transformers.js fp32', 'transformers.js', 'fp32', values.modules),
        engine('transformers.js q8', 'transformers.js', 'q8', values.modules),
      ]
    : []),
];
const { size } = values;
console.log(
  JSON.stringify({ size, passages: ids.length, tokens, threads, cores: availableParallelism(), turns }),
);
for (const each of engines) console.log(JSON.stringify({ ready: each.name, ...(await each.answer()) }));
const measured = new Map<string, Turn[]>(engines.map(({ name }) => [name, []]));
for (let n = 0; n < turns; n++)
  for (const each of engines) {
    const turn = await each.turn();
    measured.get(each.name)!.push(turn);
    const rate = (seconds: number) => Math.round(tokens / seconds);
    const line = { engine: each.name, tokensPerSecond: rate(turn.seconds), perCpuSecond: rate(turn.cpu) };
    console.log(JSON.stringify({ ...line, load: loadavg()[0].toFixed(1) }));
  }
for (const each of engines) each.end();
const median = (list: number[]) => [...list].sort((a, b) => a - b)[list.length >> 1];
const [first] = engines;
for (const { name } of engines) {
  const ratio = (of: 'seconds' | 'cpu') =>
    median(measured.get(name)!.map((turn, n) => measured.get(first.name)![n][of] / turn[of]));
  const rate = (of: 'seconds' | 'cpu') => median(measured.get(name)!.map((turn) => tokens / turn[of]));
  console.log(
    JSON.stringify({
      size,
      engine: name,
      tokensPerSecond: Math.round(rate('seconds')),
      perCpuSecond: Math.round(rate('cpu')),
      [`timesThe ${first.name}`]: ratio('seconds').toFixed(2),
      byCpuSeconds: ratio('cpu').toFixed(2),
    }),
  );
}
