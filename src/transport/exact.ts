/**
 * Exact optimal transport of small problems, for tests and for explaining.
 *
 * Successive shortest augmenting paths on the complete bipartite graph, with real masses and node
 * potentials that keep the reduced costs non-negative (Edmonds and Karp 1972, J. ACM 19(2); Ahuja,
 * Magnanti, Orlin 1993, Network Flows, section 9.7). One path costs O((m+n)^2); about m + n paths are
 * needed, so a few hundred tokens a side are comfortable. The plan is a vertex: at most m + n - 1 entries.
 */
import { checkProblem, type Masses, solved, type TransportPlan } from './plan.ts';

/** Masses below this share of the largest mass are rounding residue. */
const RESIDUE = 1e-14;

/**
 * min_T <T, C>   subject to   T 1 = a,  T' 1 = b,  T >= 0.
 *
 * @param cost C, row-major `m x n`, of any sign
 * @param a source masses (`m`); @param b target masses (`n`); equal totals
 * @returns an optimal plan; `iterations` counts augmenting paths
 * @throws RefractError `GRAPH_SHAPE`, `SETTING_INVALID`
 * @example exactTransport(Float64Array.of(0, 1, 1, 0), 2, 2, uniformMarginal(2), uniformMarginal(2)).cost; // 0
 */
export function exactTransport(cost: Masses, m: number, n: number, a: Masses, b: Masses): TransportPlan {
  checkProblem(cost, m, n, a, b, true);
  const plan = new Float64Array(m * n);
  const demand = Float64Array.from(b);
  const threshold = RESIDUE * Math.max(...a, ...b);
  // Potentials of sources then targets, started so that every reduced cost C + u - v is >= 0.
  const potential = new Float64Array(m + n);
  for (let j = 0; j < n; j++) {
    let lowest = Number.POSITIVE_INFINITY;
    for (let i = 0; i < m; i++) lowest = Math.min(lowest, cost[i * n + j]);
    potential[m + j] = lowest;
  }
  let paths = 0;
  for (let source = 0; source < m; source++) {
    let supply = a[source];
    while (supply > threshold) {
      const path = shortestPath(cost, m, n, plan, demand, potential, source, threshold);
      if (path === undefined) break; // the totals differ by rounding only: nothing is left to fill
      let amount = Math.min(supply, demand[path[path.length - 1] - m]);
      for (let step = 1; step + 1 < path.length; step += 2) {
        amount = Math.min(amount, plan[path[step + 1] * n + path[step] - m]);
      }
      for (let step = 0; step + 1 < path.length; step += 2) {
        plan[path[step] * n + path[step + 1] - m] += amount;
        if (step + 2 < path.length) plan[path[step + 2] * n + path[step + 1] - m] -= amount;
      }
      demand[path[path.length - 1] - m] -= amount;
      supply -= amount;
      paths++;
    }
  }
  for (let index = 0; index < plan.length; index++) if (plan[index] < threshold) plan[index] = 0;
  return solved(plan, cost, a, b, paths);
}

/**
 * Dijkstra over the residual graph from `source` to the nearest target with demand; updates the potentials.
 * Returns the path as node numbers (sources 0..m-1, targets m..m+n-1), or undefined when no demand is left.
 */
function shortestPath(
  cost: Masses,
  m: number,
  n: number,
  plan: Float64Array,
  demand: Float64Array,
  potential: Float64Array,
  source: number,
  threshold: number,
): number[] | undefined {
  const nodes = m + n;
  const distance = new Float64Array(nodes).fill(Number.POSITIVE_INFINITY);
  const previous = new Int32Array(nodes).fill(-1);
  const settled = new Uint8Array(nodes);
  distance[source] = 0;
  let end = -1;
  while (end < 0) {
    let node = -1;
    for (let k = 0; k < nodes; k++) {
      if (settled[k] === 0 && distance[k] < (node < 0 ? Number.POSITIVE_INFINITY : distance[node])) node = k;
    }
    if (node < 0) return undefined;
    settled[node] = 1;
    if (node >= m) {
      if (demand[node - m] > threshold) end = node;
      for (let i = 0; i < m; i++) {
        if (plan[i * n + node - m] > threshold) {
          relax(node, i, -cost[i * n + node - m] + potential[node] - potential[i]);
        }
      }
    } else {
      for (let j = 0; j < n; j++) {
        relax(node, m + j, cost[node * n + j] + potential[node] - potential[m + j]);
      }
    }
  }
  for (let k = 0; k < nodes; k++) potential[k] += Math.min(distance[k], distance[end]);
  const path = [end];
  while (path[0] !== source) path.unshift(previous[path[0]]);
  return path;

  function relax(from: number, to: number, reduced: number): void {
    const through = distance[from] + Math.max(0, reduced);
    if (settled[to] === 0 && through < distance[to]) {
      distance[to] = through;
      previous[to] = from;
    }
  }
}
