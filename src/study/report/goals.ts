/**
 * The comparisons that an author is asked for: the best arm against BM25 with dictionary translation in low-resource
 * languages, OPTICAL against the other ways to use the same bitext, and each fusion against each of its parts. Which
 * arms these are follows from their kinds. All of it is about languages with training data, as dictionary BM25,
 * mean shift, packs of one language and their fusions are compared in no others; English through the students is in
 * none of it.
 */
import { LEVEL, type TestSettings } from './changes.ts';
import { baselinesOf, comparedConditions, opticalArms } from './comparisons.ts';
import type { Condition, ReportedStudy } from './conditions.ts';
import { type Pairing, pairedOn, type TestedRow, testTogether } from './pairings.ts';
import { groupWeights } from './question-values.ts';

/** What is asked, in the order of the report. */
export const GOALS = ['best arm', 'OPTICAL', 'fusion'] as const;
/** The best arm against dictionary BM25, OPTICAL against baselines on bitext, a fusion against a part of it. */
export type Goal = (typeof GOALS)[number];

/** Kinds of arms that OPTICAL is held against: they use the same bitext. */
const BITEXT_BASELINES: readonly string[] = ['mean-shift', 'sentence-mse', 'contrastive'];

/** What the tests say of a comparison; "not distinguishable" does not say that the two are equal. */
export type GoalVerdict = 'higher' | 'not distinguishable' | 'lower';

/** One comparison of the section, with Holm's adjustment over all of the section. */
export interface GoalComparison extends TestedRow {
  readonly goal: Goal;
  readonly condition: Condition;
  readonly other: Condition;
  readonly test: string;
  /** Of languages with training data; `all`: the macro average over all of these in the test set. */
  readonly group: 'low' | 'high' | 'all';
  /** Of the best arm alone: whether it has the highest mean there, of all arms or of those that fuse nothing. */
  readonly best?: 'of all' | 'but fusions';
  readonly verdict: GoalVerdict;
}

/** The languages of a study's test sets. */
export interface TestedLanguages {
  /** Test set -> languages but English. */
  readonly tests: ReadonlyMap<string, readonly string[]>;
  readonly low: ReadonlySet<string>;
  /** Those without training data. */
  readonly unseen: ReadonlySet<string>;
}

type Asked = Pick<GoalComparison, 'goal' | 'group'> & Pairing;

/**
 * All comparisons of the section. For the best arm every arm is tested against dictionary BM25 on every test set, so
 * that Holm's adjustment covers the choice of the best one by these scores; `best` marks it.
 *
 * @param languages of the test sets, and which of them are low-resource ones or have no training data
 * @param settings B grows with the section (`permutationsFor`)
 */
export function goalComparisons(
  conditions: readonly Condition[],
  study: Pick<ReportedStudy, 'arms'>,
  { tests, low, unseen }: TestedLanguages,
  measure: string,
  { permutations: least, seed }: Pick<TestSettings, 'permutations' | 'seed'>,
): { readonly goals: GoalComparison[]; readonly permutations: number } {
  const asked = [...tests].flatMap(([test, codes]) => {
    const trained = codes.filter((code) => !unseen.has(code));
    return trained.length === 0 ? [] : askedOn(test, trained, conditions, study, low);
  });
  const rows = asked.flatMap((each) => {
    const pair = pairedOn(each, measure);
    const { weights: _, ...row } = each;
    return pair ? [{ ...row, ...pair }] : [];
  });
  const { tested, permutations } = testTogether(
    GOALS.flatMap((goal) => rows.filter((row) => row.goal === goal)),
    { permutations: least, seed },
  );
  const goals = tested.map((row): GoalComparison => {
    const best = bestOf(row, tested);
    return { ...row, verdict: verdictOf(row), ...(best && { best }) };
  });
  return { goals, permutations };
}

/** Everything that is asked on one test set, in its languages with training data. */
function askedOn(
  test: string,
  codes: readonly string[],
  conditions: readonly Condition[],
  study: Pick<ReportedStudy, 'arms'>,
  low: ReadonlySet<string>,
): Asked[] {
  const groups = groupWeights(codes, low);
  const compared = comparedConditions(conditions);
  const ofArm = (arm: string | undefined) =>
    conditions.filter((condition) => condition.arm === arm).slice(0, 1);
  const [dictionary] = ofArm(baselinesOf(study).find(({ name }) => name === 'dictionary BM25')?.arm);
  const opticals = opticalArms(study).flatMap(ofArm);
  const weights = groups.get('low');
  const best = compared.flatMap((condition): Asked[] =>
    weights && dictionary && condition !== dictionary
      ? [{ goal: 'best arm', group: 'low', condition, other: dictionary, test, weights }]
      : [],
  );
  const trained = (['low', 'high'] as const).flatMap((group) =>
    compared.flatMap((other): Asked[] => {
      const own = groups.get(group);
      return own && BITEXT_BASELINES.includes(other.kind)
        ? opticals.map((condition) => ({ goal: 'OPTICAL', group, condition, other, test, weights: own }))
        : [];
    }),
  );
  const all = new Map(codes.map((code) => [code, 1 / codes.length]));
  const fused = compared.flatMap((condition) =>
    (study.arms[condition.arm]?.of ?? []).flatMap((part): Asked[] => {
      const other = partOf(condition, part, conditions);
      return other ? [{ goal: 'fusion', group: 'all', condition, other, test, weights: all }] : [];
    }),
  );
  return [...best, ...trained, ...fused];
}

/** The condition of a part of a fusion: at the same share and design where the part knows any. */
function partOf(
  { rho, design }: Condition,
  part: string,
  conditions: readonly Condition[],
): Condition | undefined {
  return conditions.find(
    (each) => each.arm === part && (each.rho === undefined || (each.rho === rho && each.design === design)),
  );
}

type Scored = Pick<GoalComparison, 'goal' | 'test' | 'condition' | 'ours'>;

function bestOf(row: Scored, rows: readonly Scored[]): GoalComparison['best'] {
  if (row.goal !== 'best arm') return undefined;
  const rivals = rows.filter(({ goal, test }) => goal === 'best arm' && test === row.test);
  const first = (of: readonly Scored[]) => of.find(({ ours }) => ours === Math.max(...of.map((r) => r.ours)));
  if (row === first(rivals)) return 'of all';
  return row === first(rivals.filter(({ condition }) => condition.kind !== 'fusion'))
    ? 'but fusions'
    : undefined;
}

function verdictOf({ adjusted, difference }: Pick<TestedRow, 'adjusted' | 'difference'>): GoalVerdict {
  if (!(adjusted < LEVEL)) return 'not distinguishable';
  return difference > 0 ? 'higher' : 'lower';
}
