/** What of a retriever's rules the layouts of other tools cannot say. */
import { RefractError } from '../../errors.ts';
import { loadTokenizer } from '../../text/tokenizer.ts';
import { InputMaker } from '../input.ts';
import type { RetrievalSettings } from '../settings.ts';
import type { JsonObject } from '../tokenizer-files.ts';
import { punctuationTokens } from './stanford.ts';

/** Rules in the terms of one layout, and sentences about what they leave out. */
export interface SaidRules {
  readonly retrieval: RetrievalSettings;
  readonly lost: readonly string[];
}

/**
 * The tokens whose vectors a retriever leaves out of passages, as they stand in the vocabulary.
 *
 * @example skippedTokens(settings.retrieval, tokenizerJson) // ['!', ',', '।', ...]
 */
export function skippedTokens(retrieval: RetrievalSettings, tokenizerJson: JsonObject): string[] {
  const maker = new InputMaker(loadTokenizer(tokenizerJson), retrieval);
  return maker.skippedTokens();
}

/** Rules as PyLate says them. */
export function rulesForPylate(retrieval: RetrievalSettings): SaidRules {
  const { rules, lost } = oneLength(retrieval);
  const { queryPrefix, passagePrefix } = rules;
  if (queryPrefix === passagePrefix) return { retrieval: rules, lost };
  return {
    retrieval: { ...rules, queryPrefix: undefined, passagePrefix: undefined },
    lost: [
      ...lost,
      `the text before queries (${shown(queryPrefix)}) and before passages (${shown(passagePrefix)})`,
    ],
  };
}

/** Rules as Stanford's ColBERT says them. Throws `EXPORT_INCOMPLETE` where there is no marker. */
export function rulesForStanford(retrieval: RetrievalSettings, tokenizerJson: JsonObject): SaidRules {
  const { rules, lost: before } = oneLength(retrieval);
  const lost = [...before];
  if (!rules.queryAugmentation)
    lost.push(
      `that queries are as long as they are: ColBERT pads all to ${rules.queryMaxTokens} tokens with [MASK], whose vectors are scored`,
    );
  if (rules.trimmed === true) lost.push('that spaces at the ends of a text are cut');
  for (const kind of ['query', 'passage'] as const) {
    if (rules[`${kind}Prefix`] !== undefined)
      lost.push(
        `the text before ${kind === 'query' ? 'queries' : 'passages'} (${shown(rules[`${kind}Prefix`])})`,
      );
    if (rules[`${kind}Marker`] === '')
      throw new RefractError(
        'EXPORT_INCOMPLETE',
        `the model marks no ${kind} with a token, Stanford's ColBERT all`,
        {
          hint: 'Export it with --to safetensors or --to pylate.',
        },
      );
  }
  const skipped = new Set(skippedTokens(rules, tokenizerJson));
  const ascii = new Set(skipped.size > 0 ? punctuationTokens(tokenizerJson) : []);
  const more = [...skipped].filter((token) => !ascii.has(token));
  const fewer = [...ascii].filter((token) => !skipped.has(token));
  if (more.length > 0)
    lost.push(
      `${more.length} of ${skipped.size} tokens that passages leave out, such as ${more.slice(0, 5).join(' ')}: ColBERT leaves out ASCII punctuation alone`,
    );
  if (fewer.length > 0)
    lost.push(
      `${fewer.length} tokens that passages keep, such as ${fewer.slice(0, 5).join(' ')}: ColBERT leaves out ASCII punctuation`,
    );
  return {
    retrieval: {
      ...rules,
      // What is not augmented was not trained to see [MASK].
      ...(!rules.queryAugmentation && { queryAugmentation: true, augmentationAttended: false }),
      queryPrefix: undefined,
      passagePrefix: undefined,
      trimmed: undefined,
      skipPunctuation: ascii.size > 0,
      skipTokens: undefined,
    },
    lost,
  };
}

/** Both tools pad queries to the length to which they cut them. */
function oneLength(retrieval: RetrievalSettings): { rules: RetrievalSettings; lost: string[] } {
  const { augmentedTokens: padded, ...rules } = retrieval;
  if (!rules.queryAugmentation || padded === undefined || padded === rules.queryMaxTokens)
    return { rules, lost: [] };
  return {
    rules: { ...rules, queryMaxTokens: padded },
    lost: [
      `that queries may have ${rules.queryMaxTokens} tokens: they are cut to ${padded}, to which shorter ones are padded`,
    ],
  };
}

function shown(prefix: string | undefined): string {
  return prefix === undefined ? 'none' : JSON.stringify(prefix);
}
