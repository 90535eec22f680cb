/**
 * Significance: paired randomisation and t tests, Holm's adjustment over a whole table, clustered bootstrap
 * intervals, equivalence tests for claims of no harm, and the Kruskal-Wallis test. `evaluate.ts` pairs the values.
 */
export {
  type BootstrapInterval,
  type BootstrapOptions,
  bootstrapInterval,
  quantile,
} from './significance/bootstrap.ts';
export { type EquivalenceResult, equivalenceTest } from './significance/equivalence.ts';
export { holm } from './significance/holm.ts';
export { type KruskalWallisResult, kruskalWallis } from './significance/kruskal-wallis.ts';
export {
  type RandomisationOptions,
  type RandomisationResult,
  randomisationTest,
} from './significance/randomisation.ts';
export { type PairedTResult, pairedT } from './significance/student-t.ts';
