/** `refract teach --base` with a BERT that transformers wrote: what it makes, says and refuses. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { readCheckpoint } from '../src/model/checkpoint.ts';
import { BASE, copyBase, WITHOUT_UNUSED } from './base-folder.ts';
import { refract } from './command-line.ts';
import { temporaryFolder } from './temporary.ts';
import { jsonLines, PASSAGES } from './tiny-retriever.ts';

const folder = temporaryFolder();
const at = (name: string) => join(folder.path, name);
const passages = folder.write('passages.jsonl', jsonLines(PASSAGES));
const questions = PASSAGES.map(({ id, text }) => ({ id: `q-${id}`, text: text.split(/[.,;।]/)[0] }));
const queries = folder.write('queries.jsonl', jsonLines(questions));
const qrels = folder.write('qrels.txt', PASSAGES.map(({ id }) => `q-${id} 0 ${id} 1\n`).join(''));

const teaching = (out: string, base: string, ...more: string[]) => [
  ...['teach', '--passages', passages, '--queries', queries, '--qrels', qrels, '--out', at(out)],
  ...['--base', base, '--threads', '1', '--set', 'train.steps=2', '--set', 'batch.queries=4'],
  ...more,
];

/** The message of a refused command, which must leave nothing behind. */
async function refused(args: readonly string[], code: string): Promise<string> {
  const result = await refract(args);
  expect([result.code, result.out], result.err).toEqual([1, '']);
  expect(result.err).toContain(`[${code}]`);
  expect(existsSync(at('never')) || existsSync(at('never.unfinished'))).toBe(false);
  return result.err;
}

beforeAll(async () => {
  const bare = copyBase(at('bare'), WITHOUT_UNUSED);
  const { code, err } = await refract(teaching('yoruba', bare, '--language', 'yo', '--quiet'));
  expect([code, err]).toEqual([0, '']);
});

describe('refract teach --base', () => {
  it('has the defaults of fine-tuning, which --set and --config change', async () => {
    const config = folder.write('base.yaml', 'train:\n  rate: 1e-4\n  freeze: [position_embeddings]\n');
    const { code, out, err } = await refract(
      teaching('settled', BASE, '--config', config, '--json', '--quiet', '--set', 'retrieval.dim=16'),
    );
    expect([code, err]).toEqual([0, '']);
    const { settings, vocabSize, dim } = JSON.parse(out);
    expect([vocabSize, dim]).toEqual([179, 16]);
    expect(settings).not.toHaveProperty('size');
    expect(settings.retrieval).toMatchObject({ queryMaxTokens: 48, passageMaxTokens: 64 });
    expect(settings.batch.temperature).toBe(1);
    expect(settings.train).toMatchObject({ rate: 1e-4, freeze: ['position_embeddings'], warmupSteps: 300 });
    const positions = (place: string) =>
      readCheckpoint(place, { allowBase: true }).tensors.get('embeddings.position_embeddings.weight');
    expect(positions(at('settled'))).toEqual(positions(BASE));
  });

  it('makes a teacher of the language that is named, whose packs and index work', async () => {
    const { settings } = readCheckpoint(at('yoruba'));
    expect(settings.languages).toEqual(['yo']);
    expect(settings.retrieval).toMatchObject({ queryMarker: '[Q]', passageMarker: '[D]' });
    const english = folder.write(
      'yo-en.tsv',
      'English\tYorùbá\nBoil the water.\tSè omi.\nWhere is the market?\tNíbo ni ọjà wà?\nClose the door.\tTi ilẹ̀kùn.\n',
    );
    const made = await refract([
      ...['distill', '--teacher', at('yoruba'), '--bitext', `en=${english}`, '--out', at('pack')],
      ...['--threads', '1', '--quiet', '--set', 'train.steps=1', '--set', 'batch.pairs=2'],
    ]);
    expect(made.code, made.err).toBe(0);
    const pack = readCheckpoint(at('pack'));
    expect(pack.settings).toMatchObject({
      kind: 'pack',
      languages: ['en'],
      retrieval: { queryMarker: '[Q]' },
    });
    expect(pack.specialTokensMap).toEqual(readCheckpoint(at('yoruba')).specialTokensMap);
    await refract(['index', '--teacher', at('yoruba'), '--passages', passages, '--out', at('index')]);
    const found = await refract(['search', '--index', at('index'), '--pack', at('pack'), 'पानी', 'omi']);
    expect([found.code, found.err]).toEqual([0, '']);
  });

  it.each<[string, string, string[], string]>([
    ['a size', 'SETTING_INVALID', ['--size', 'tiny'], 'leave out --size'],
    ['a size among the settings', 'SETTING_UNKNOWN', ['--set', 'size=tiny'], 'there is no setting size'],
    [
      'passages beyond its positions',
      'SETTING_INVALID',
      ['--set', 'retrieval.passageMaxTokens=65'],
      'at most 64',
    ],
    ['a language nobody speaks', 'LANGUAGE_UNKNOWN', ['--language', 'yo,qqq'], 'qqq'],
  ])('refuses %s', async (_, code, more, said) => {
    expect(await refused(teaching('never', BASE, ...more), code)).toContain(said);
  });

  it('refuses a base without [MASK]', async () => {
    const mute = copyBase(at('mute'), { 'tokenizer.json': (text) => text.replaceAll('[MASK]', '<hidden>') });
    const error = await refused(teaching('never', mute), 'CHECKPOINT_INCOMPLETE');
    expect(error).toContain('the tokenizer has no token that hides a token (mask_token)');
  });
});
