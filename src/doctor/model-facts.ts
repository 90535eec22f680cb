/** What a model is, and whether its parts fit together. */
import { languageName, sameLanguage } from '../data/language.ts';
import type { RefractError } from '../errors.ts';
import { type Checkpoint, projectionOf } from '../model/checkpoint.ts';
import type { ModelType } from '../model/config.ts';
import { WORD_TABLE } from '../model/families/index.ts';
import { ROLE_NAMES, type TokenRole, USUAL_TOKENS } from '../text/special-roles.ts';
import type { TextTokenizer } from '../text/tokenizer.ts';
import { type Aspect, count, type Finding, judged, percent } from './finding.ts';
import type { OpenedModel } from './model-file.ts';

/** Roles of the tokens that encoder inputs are made of. */
const NEEDED: readonly TokenRole[] = ['pad', 'cls', 'sep', 'mask'];
/** What the families are called. */
const ARCHITECTURES: Readonly<Record<ModelType, string>> = {
  bert: 'BERT',
  roberta: 'RoBERTa',
  'xlm-roberta': 'XLM-RoBERTa',
  distilbert: 'DistilBERT',
  modernbert: 'ModernBERT',
  onnx: 'imported from ONNX',
};

/** Free rows of the word table above this share are worth a word. */
const MUCH_FREE = 0.1;

/**
 * Architecture, sizes, special tokens by role, and what does not fit.
 *
 * @param language BCP 47 code that the model is to be used for
 * @example examineModel(openModel('models/teacher'), 'so').verdict // 'ready'
 */
export function examineModel(model: OpenedModel, language: string): Aspect {
  const { checkpoint, tokenizer, fault, tokenizerFault } = model;
  const findings: Finding[] = [];
  for (const each of [fault, tokenizerFault])
    if (each !== undefined && (each === fault || !sameFault(each, fault)))
      findings.push({
        weight: 'unfit',
        what: `${each.at === undefined ? '' : `${each.at}: `}${each.what} [${each.code}]`,
        remedy: each.hint,
      });
  const special = tokenizer === undefined ? [] : specialTokens(tokenizer, checkpoint);
  if (checkpoint !== undefined) {
    const missing = special.filter(({ id }) => id === undefined).map(({ token }) => token);
    if (missing.length > 0)
      findings.push({
        weight: 'unfit',
        what: `The tokenizer lacks ${missing.join(', ')}, of which inputs are made.`,
        remedy: 'Take a model with these tokens, or train one: refract teach without --base.',
      });
    findings.push(...fitting(checkpoint, tokenizer, language));
  }
  const shape = checkpoint && shapeOf(checkpoint, tokenizer);
  const { name: _, size: __, ...figures } = shape ?? {};
  const kind = checkpoint === undefined ? 'a tokenizer alone' : kindOf(checkpoint);
  return judged({
    name: 'model',
    summary:
      shape === undefined
        ? `${fault === undefined ? kind : 'cannot be read'}${tokenizer === undefined ? '' : `, ${count(tokenizer.vocabSize)} tokens`}`
        : `${kind}: ${shape.name}, ${shape.size}, ${count(shape.tokens)} tokens`,
    facts: [
      ['kind', kind],
      ...(shape === undefined
        ? []
        : [
            [
              'architecture',
              `${shape.name}, ${shape.layers > 0 ? `${shape.layers} layers, ` : ''}width ${shape.width}${shape.heads > 0 ? `, ${shape.heads} heads` : ''}`,
            ] as const,
            ['reads at most', `${count(shape.positions)} tokens`] as const,
            ...(shape.dim === undefined ? [] : [['token vectors', `${shape.dim} numbers`] as const]),
            [
              'parameters',
              `${count(shape.parameters)}, ${percent(shape.embeddingShare)} of them word vectors`,
            ] as const,
            ['word table', `${count(shape.rows)} rows for ${count(shape.tokens)} tokens`] as const,
          ]),
      ...(special.length > 0
        ? [
            [
              'special tokens',
              special.map(({ role, token, id }) => `${token} ${id ?? 'absent'} (${role})`).join(', '),
            ] as const,
          ]
        : []),
    ],
    figures: { kind, ...figures, specialTokens: special, languages: checkpoint?.settings?.languages },
    findings,
  });
}

/** A folder without `tokenizer.json` is told by the reader of models and by that of tokenizers. */
function sameFault(tokenizerFault: RefractError, fault: RefractError | undefined): boolean {
  const { code, at, message } = tokenizerFault;
  const both = /no tokenizer\.json/;
  return (
    message === fault?.message ||
    (code === fault?.code && at === fault.at && both.test(message) && both.test(fault.message))
  );
}

function kindOf({ settings }: Checkpoint): string {
  return settings === undefined ? 'a base encoder' : `a ${settings.kind} of Refract`;
}

function shapeOf(checkpoint: Checkpoint, tokenizer: TextTokenizer | undefined) {
  const { config, tensors, settings } = checkpoint;
  let parameters = 0;
  for (const { data } of tensors.values()) parameters += data.length;
  const table = tensors.get(WORD_TABLE)?.data.length ?? 0;
  const { importedType } = config;
  return {
    architecture: config.modelType,
    name: `${ARCHITECTURES[config.modelType]}${importedType === undefined ? '' : ` (${importedType})`}`,
    size: `${config.numHiddenLayers > 0 ? `${config.numHiddenLayers} layers of ` : ''}width ${config.hiddenSize}`,
    layers: config.numHiddenLayers,
    width: config.hiddenSize,
    heads: config.numAttentionHeads,
    positions: config.maxPositionEmbeddings,
    dim: settings && 'retrieval' in settings ? settings.retrieval.dim : projectionOf(checkpoint)?.shape[0],
    tokens: tokenizer?.vocabSize ?? 0,
    rows: config.vocabSize,
    parameters,
    embeddingShare: table / parameters,
  };
}

/** Tokens by role, with their ids; the markers of a retriever are among them. */
function specialTokens(tokenizer: TextTokenizer, checkpoint: Checkpoint | undefined) {
  const settings = checkpoint?.settings;
  const played = (role: TokenRole) => {
    const id = tokenizer.roles.get(role);
    const token = id === undefined ? USUAL_TOKENS[role][0] : tokenizer.tokens([id])[0];
    return { role: ROLE_NAMES[role], token, id };
  };
  const tokens = [...NEEDED, ...(tokenizer.roles.has('unk') ? (['unk'] as const) : [])].map(played);
  if (settings === undefined || !('retrieval' in settings)) return tokens;
  const { queryMarker, passageMarker } = settings.retrieval;
  const markers = [
    { role: 'marks a query', token: queryMarker },
    { role: 'marks a passage', token: passageMarker },
  ];
  // Another tool's retriever may have none.
  const given = markers.filter(({ token }) => token !== '');
  return [...tokens, ...given.map((each) => ({ ...each, id: tokenizer.idOf(each.token) }))];
}

function fitting(
  { config, settings, readings }: Checkpoint,
  tokenizer: TextTokenizer | undefined,
  language: string,
): Finding[] {
  const findings: Finding[] = [];
  const pad = tokenizer?.roles.get('pad');
  if (pad !== undefined && pad !== config.padTokenId)
    findings.push({
      weight: 'care',
      what: `config.json says that padding is token ${config.padTokenId}, the tokenizer ${pad}.`,
      remedy: 'Take config.json and tokenizer.json from the same model, or correct pad_token_id.',
    });
  const second =
    readings === undefined ? 0 : readings.rows.reduce((n, row, token) => n + Number(row !== token), 0);
  const free = config.vocabSize - second - (tokenizer?.vocabSize ?? config.vocabSize);
  if (free > MUCH_FREE * config.vocabSize)
    findings.push({
      weight: 'note',
      what: `${count(free)} rows of the word table belong to no token.`,
      remedy: 'Check that this is the tokenizer of the model, and not one of another version.',
    });
  if (settings?.kind === 'pack' && !settings.languages.some((code) => sameLanguage(code, language)))
    findings.push({
      weight: 'care',
      what: `The pack was trained for ${settings.languages.map(languageName).join(', ')}, not for ${languageName(language)}.`,
      remedy: `Distil a pack for it: refract distill --teacher TEACHER --bitext ${language}=FILE --out PACK.`,
    });
  return findings;
}
