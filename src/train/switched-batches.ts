/** Batches of code-switched questions with the teacher's vectors of their passages. */
import type { CodeSwitcher, SwitcherState } from '../data/switching/code-switcher.ts';
import type { TextVectors } from '../model/encoder.ts';
import { type InputMaker, padInputs } from '../model/input.ts';
import { stackVectors } from './distill-batches.ts';
import { type Answers, ExampleGroups, type ExampleGroupsState } from './example-groups.ts';
import type { Batch, BatchSource } from './objective.ts';

/** A training question in the pivot language, with its passages. */
export interface SwitchedExample extends Answers {
  readonly text: string;
}

/** Looks up the token vectors of passages by their ordinals. */
export type PassageLookup = (ordinals: readonly number[]) => Promise<readonly TextVectors[]>;

/** How batches are made. */
export interface SwitchedBatchSettings {
  readonly seed: number;
  readonly batchSize: number;
  readonly negativesPerQuery: number;
}

/** The stream of draws. */
const STREAM = 'switched/batches';

/**
 * The questions that the first `batches` batches of `SwitchedBatches` hold, in their order, one as often as it is
 * drawn: what the quotas of a matched design are made for, so that they hold over the run and not over an epoch that it
 * never sees the end of.
 *
 * @example codeSwitcher(lexicon, settings, drawnQuestions(examples, batchSettings, 100))
 */
export function* drawnQuestions(
  examples: readonly SwitchedExample[],
  { seed, batchSize, negativesPerQuery }: SwitchedBatchSettings,
  batches: number,
): Generator<string> {
  const groups = new ExampleGroups(examples, seed, STREAM);
  for (let batch = 0; batch < batches; batch++)
    for (const { text } of groups.next(batchSize, negativesPerQuery).examples) yield text;
}

/**
 * Goes through all questions in a new random order each epoch, and switches each anew. Saving and loading continues
 * exactly, the account of switches included.
 *
 * @example
 * const settings = { seed: 1, batchSize: 24, negativesPerQuery: 1 };
 * const switcher = codeSwitcher(lexicon, switching, drawnQuestions(examples, settings, 100));
 * const batches = new SwitchedBatches(examples, switcher, maker, passages, settings);
 */
export class SwitchedBatches implements BatchSource {
  private readonly groups: ExampleGroups<SwitchedExample>;
  private readonly switcher: CodeSwitcher;
  private readonly maker: InputMaker;
  private readonly passages: PassageLookup;
  private readonly settings: SwitchedBatchSettings;

  constructor(
    examples: readonly SwitchedExample[],
    switcher: CodeSwitcher,
    maker: InputMaker,
    passages: PassageLookup,
    settings: SwitchedBatchSettings,
  ) {
    this.groups = new ExampleGroups(examples, settings.seed, STREAM);
    this.switcher = switcher;
    this.maker = maker;
    this.passages = passages;
    this.settings = settings;
  }

  async next(): Promise<Batch> {
    const { batchSize, negativesPerQuery } = this.settings;
    const { examples, passages, target, bias } = this.groups.next(batchSize, negativesPerQuery);
    const { padId, settings } = this.maker;
    const query = padInputs(
      examples.map(({ text }) => this.maker.query(this.switcher.switch(text))),
      padId,
      settings.queryMaxTokens,
    );
    const found = await this.passages(passages);
    return {
      feeds: {
        'query.ids': query.ids,
        'query.mask': query.mask,
        'query.scored': query.scored,
        ...passageFeeds(found, settings.dim),
        target,
        bias,
      },
    };
  }

  save(): unknown {
    return { groups: this.groups.save(), switcher: this.switcher.save() };
  }

  load(state: unknown): void {
    const { groups, switcher } = state as { groups: ExampleGroupsState; switcher: SwitcherState };
    this.groups.load(groups);
    this.switcher.load(switcher);
  }
}

/** Passages' vectors as `frozenPassageObjective` takes them. */
export function passageFeeds(passages: readonly TextVectors[], dim: number): Batch['feeds'] {
  const vectors = stackVectors(passages, dim);
  const [count, length] = vectors.shape;
  const scored = new Int32Array(count * length);
  passages.forEach((passage, p) => {
    scored.fill(1, p * length, p * length + passage.count);
  });
  return { 'passage.vectors': vectors, 'passage.scored': { data: scored, shape: [count, length] } };
}
