/** Samples of Node's profiler as a tree of functions under the stages of a search. */

/** A function that was running. */
interface Frame {
  readonly functionName: string;
  readonly url: string;
}

/** What the profiler writes, as far as it is used. */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: Frame;
    readonly children?: readonly number[];
  }[];
  readonly samples?: readonly number[];
  /** Microseconds since the sample before. */
  readonly timeDeltas?: readonly number[];
}

/** A function, or a stage, and the time in it and in what it calls. */
export interface TimeNode {
  readonly name: string;
  time: number;
  readonly children: Map<string, TimeNode>;
}

/** The stages, by the innermost function that belongs to one; what none of them calls is the rest. */
const STAGES: readonly [file: string, functions: readonly string[], stage: string][] = [
  ['compressed/search-work', ['table'], 'query x centroids'],
  ['compressed/search-work', ['scan'], 'candidates'],
  ['compressed/list-candidates', ['near', 'visit', 'leastBytes'], 'candidates'],
  ['compressed/candidates', ['bestSlots', 'allowedSlots'], 'choice of candidates'],
  ['compressed/search-work', ['read'], 'reading'],
  ['compressed/search-work', ['score'], 'exact scoring'],
];
/** Stages in the order of a search. */
export const STAGE_NAMES = [...new Set(STAGES.map(([, , stage]) => stage)), 'rest'];

/** The stage of a stack, outermost function first, and from where on the functions are that stage's. */
function stageOf(frames: readonly Frame[]): { readonly stage: string; readonly first: number } {
  for (let first = frames.length - 1; first >= 0; first--) {
    const { functionName, url } = frames[first];
    for (const [file, functions, stage] of STAGES)
      if (url.includes(file) && functions.includes(functionName)) return { stage, first };
  }
  const own = frames.findIndex(({ url }) => url.includes('/src/index/'));
  return { stage: 'rest', first: own < 0 ? frames.length - 1 : own };
}

/**
 * The tree of all samples but those of an idle processor: the root, the stages, and the functions within each.
 *
 * @param kernels names of WebAssembly functions by their numbers
 */
export function timeTree(
  { nodes, samples = [], timeDeltas = [] }: CpuProfile,
  kernels: Readonly<Record<string, string>> = {},
): TimeNode {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((each) => [each, id])));
  const root: TimeNode = { name: 'query', time: 0, children: new Map() };
  for (const stage of STAGE_NAMES) root.children.set(stage, { name: stage, time: 0, children: new Map() });
  samples.forEach((sample, i) => {
    const frames: Frame[] = [];
    for (let id: number | undefined = sample; id !== undefined; id = parents.get(id))
      frames.unshift(byId.get(id)!.callFrame);
    if (frames.at(-1)!.functionName === '(idle)') return;
    const time = Math.max(0, timeDeltas[i]);
    const { stage, first } = stageOf(frames);
    let node = root.children.get(stage)!;
    root.time += time;
    node.time += time;
    for (const { functionName } of frames.slice(first)) {
      const number = /^wasm-function\[(\d+)\]$/.exec(functionName)?.[1];
      const name = (number && kernels[number]) || functionName || '(anonymous)';
      let child = node.children.get(name);
      if (!child) {
        child = { name, time: 0, children: new Map() };
        node.children.set(name, child);
      }
      child.time += time;
      node = child;
    }
  });
  return root;
}
