/** Refract's index beside other engines over the same vectors and queries, in turns, each in a process of its own. */
import { System } from '../turns.ts';
import { bestOf, build, data, figures, type SearchTurn, searching } from './stages.ts';
import { type Choices, script, system, type Workplace } from './workplace.ts';

/** Which rivals, and how often each has its turn. */
export interface RivalChoices {
  /** A folder in which @lancedb/lancedb was installed. */
  readonly modules?: string;
  /** An interpreter with fast-plaid. */
  readonly python?: string;
  /** Settings of LanceDB: each a list of `nprobes=N` and `refine=N`; an empty one is the default. */
  readonly lance: readonly string[];
  /** Settings of Refract: each a list of a precision and `effort=E`; an empty one is the default of the precision chosen. */
  readonly own: readonly string[];
  readonly rounds: number;
}

/** A system with its settings. */
interface Contestant {
  readonly system: System<SearchTurn>;
  readonly loaded: object;
  /** What it is given for a turn. */
  readonly line: string;
  readonly turns: SearchTurn[];
}

/** Measures all of them; every system keeps its index in the collection's folder. */
export async function rivals(work: Workplace, choices: Choices, rival: RivalChoices): Promise<void> {
  const { passages, queries } = choices;
  await data(work, choices);
  const best = await bestOf(work, choices);
  const folder = work.collection(passages);
  const threads = Math.max(...choices.threads);
  const open = new Map<string, Contestant>();
  const enter = async (name: string, started: System<SearchTurn>) => {
    open.set(name, { system: started, loaded: JSON.parse(await started.loaded()), line: '{}', turns: [] });
  };
  const own = new Map<string, Awaited<ReturnType<typeof searching>>>();
  for (const { precision, effort } of rival.own.map((setting) => ownSetting(setting, choices.precision))) {
    const chosen = { ...choices, precision };
    await build(work, chosen);
    const started = own.get(precision) ?? (await searching(work, chosen, threads));
    own.set(precision, started);
    const name = `refract ${precision}${effort === undefined ? '' : ` effort=${effort}`}`;
    open.set(name, {
      ...{ system: started.open, loaded: started.loaded },
      ...{ line: JSON.stringify({ effort }), turns: [] },
    });
  }
  if (rival.modules)
    for (const setting of rival.lance) {
      const options = setting.split(',').flatMap((each) => (each === '' ? [] : [`--${each}`]));
      const name = `lancedb ${setting || 'default'}`;
      await enter(name, system('lancedb.ts', folder, rival.modules, queries, ...options));
    }
  if (rival.python) {
    // Two pools of waiting threads take the processors from each other: one of them gets all.
    const pools = { RAYON_NUM_THREADS: String(threads), OMP_NUM_THREADS: '1', OMP_WAIT_POLICY: 'PASSIVE' };
    await enter(
      'fast-plaid',
      new System(rival.python, [script('plaid_rival.py'), folder, queries, String(threads)], pools),
    );
  }
  for (let round = 0; round < rival.rounds; round++)
    for (const each of open.values()) each.turns.push(await each.system.turn(each.line));
  const run = new Date().toISOString();
  for (const [name, { loaded, turns }] of open) {
    const place = { run, passages, queries, threads, rounds: rival.rounds };
    work.report({ stage: 'rivals', ...loaded, ...place, system: name, ...figures(turns, best) });
  }
  for (const { system } of open.values()) system.end();
}

/** What a setting of Refract says. */
function ownSetting(setting: string, precision: string): { precision: string; effort?: number } {
  const parts = setting.split(',').filter((part) => part !== '');
  const effort = parts.find((part) => part.startsWith('effort='))?.slice('effort='.length);
  return {
    precision: parts.find((part) => !part.startsWith('effort=')) ?? precision,
    ...(effort && { effort: Number(effort) }),
  };
}
