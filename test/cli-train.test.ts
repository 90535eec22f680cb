/** The commands that train, end to end and in process: pretrain, teach, distill, and what they refuse. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { readCheckpoint } from '../src/model/checkpoint.ts';
import { modelFingerprint } from '../src/model/fingerprint.ts';
import type { ProgressFactory } from '../src/progress.ts';
import { refract } from './command-line.ts';
import { temporaryFolder } from './temporary.ts';
import { jsonLines, PASSAGES } from './tiny-retriever.ts';

const folder = temporaryFolder();
const at = (name: string) => join(folder.path, name);

const passages = folder.write('passages.jsonl', jsonLines(PASSAGES));
const questions = PASSAGES.map(({ id, text }) => ({ id: `q-${id}`, text: text.split(/[.,;]/)[0] }));
const queries = folder.write('queries.jsonl', jsonLines(questions));
const qrels = folder.write('qrels.txt', PASSAGES.map(({ id }) => `q-${id} 0 ${id} 1\n`).join(''));
const PAIRS: readonly [string, string][] = [
  ['Boil the water.', 'Chemsha maji.'],
  ['The market opens on Tuesday.', 'Soko linafunguliwa Jumanne.'],
  ['The bus leaves at six.', 'Basi linaondoka saa kumi na mbili.'],
  ['Plant maize with the rain.', 'Panda mahindi wakati wa mvua.'],
  ['Bring two photographs.', 'Leta picha mbili.'],
  ['Sleep under a net.', 'Lala chini ya chandarua.'],
];
/** English enough to tell a dictionary's direction by its words. */
const MORE: readonly [string, string][] = [
  ['Carry the water to the market.', 'Beba maji sokoni.'],
  ['The bus to the market is late.', 'Basi la sokoni limechelewa.'],
];
const tsv = (pairs: readonly (readonly string[])[]) => pairs.map((row) => `${row.join('\t')}\n`).join('');
const swahili = folder.write('en-sw.tsv', tsv(PAIRS));
const arabic = folder.write(
  'en-ar.tsv',
  tsv([
    ['Boil the water.', 'اغلِ الماء.'],
    ['The market opens.', 'يفتح السوق.'],
  ]),
);
const dictionary = folder.write('words.tsv', 'water\tmaji\nmarket\tsoko\nbus\t\n');

/** Small enough for a test: one thread, few steps, a short vocabulary. */
const small = (...sets: string[]) => [
  '--threads',
  '1',
  ...['train.steps=3', 'train.warmupSteps=1', 'train.evaluateEvery=2', ...sets].flatMap((s) => ['--set', s]),
];
const teaching = (out: string, ...more: string[]) => [
  ...['teach', '--passages', passages, '--queries', queries, '--qrels', qrels, '--out', at(out)],
  ...['--size', 'tiny', '--bitext', `sw=${swahili}`],
  ...small('tokenizer.vocabSize=420', 'retrieval.dim=16', 'batch.queries=4', 'retrieval.passageMaxTokens=40'),
  ...more,
];
const distilling = (out: string, bitext: string, ...more: string[]) => [
  ...['distill', '--teacher', at('teacher'), '--bitext', bitext, '--out', at(out)],
  ...small('batch.pairs=3', 'batch.anchors=2', 'batch.switched=2', 'maxTokens=24'),
  ...more,
];

/** The message of a refused command. */
async function refused(args: readonly string[], code: string): Promise<string> {
  const result = await refract(args);
  expect([result.code, result.out], result.err).toEqual([1, '']);
  expect(result.err).toContain(`[${code}]`);
  return result.err;
}

/** Stops the command when training, or another stage, has come to a step. */
function stopping(step: number, stage = 'training'): { signal: AbortSignal; progress: ProgressFactory } {
  const stop = new AbortController();
  const progress: ProgressFactory = (label) => ({
    update(done) {
      if (label === stage && done >= step) stop.abort();
    },
    end() {},
  });
  return { signal: stop.signal, progress };
}

beforeAll(async () => {
  const { code, err } = await refract(teaching('teacher', '--quiet'));
  expect([code, err]).toEqual([0, '']);
});

describe('every training command', () => {
  it.each(['demo', 'pretrain', 'teach', 'distill'])('%s --help shows an example', async (name) => {
    const { code, out } = await refract([name, '--help']);
    expect(code).toBe(0);
    expect(out).toContain(`Example:\n  $ refract ${name}`);
  });

  it('names an unknown setting with the nearest', async () => {
    const error = await refused(teaching('never', '--set', 'train.step=3'), 'SETTING_UNKNOWN');
    expect(error).toContain('train.steps');
    expect(existsSync(at('never'))).toBe(false);
    expect(existsSync(at('never.unfinished'))).toBe(false);
  });

  it('takes settings from a file, --set over the file, --seed over both', async () => {
    const config = folder.write(
      'teach.yaml',
      'size: tiny\nseed: 5\nbatch:\n  temperature: 0.5\n  negatives: 0\n',
    );
    const args = teaching(
      'configured',
      '--config',
      config,
      '--seed',
      '9',
      '--json',
      '--set',
      'batch.negatives=1',
    );
    const { code, out } = await refract(
      args.filter((arg, i) => arg !== '--size' && args[i - 1] !== '--size'),
    );
    expect(code).toBe(0);
    const { settings, numHiddenLayers } = JSON.parse(out);
    expect(settings).toMatchObject({ size: 'tiny', seed: 9, batch: { temperature: 0.5, negatives: 1 } });
    // The size that the file names brings its own defaults.
    expect([numHiddenLayers, settings.train.rate]).toEqual([2, 1e-3]);
  });
});

describe('refract teach', () => {
  it('writes a teacher, and says what it is and what comes next', async () => {
    const { code, out, err } = await refract(teaching('second'));
    expect(code).toBe(0);
    expect(out).toContain('a teacher of 2 layers of 128');
    expect(out).toMatch(/3 steps in 0:\d\d, loss/);
    expect(err).toContain('Next: refract index');
    expect(readdirSync(at('second'))).toEqual(
      expect.arrayContaining([
        'config.json',
        'metrics.jsonl',
        'model.safetensors',
        'refract.json',
        'tokenizer.json',
      ]),
    );
    expect(existsSync(at('second.unfinished'))).toBe(false);
    expect(modelFingerprint(readCheckpoint(at('second')))).toBe(
      modelFingerprint(readCheckpoint(at('teacher'))),
    );
  });

  it('goes on to the same weights after it was stopped', async () => {
    const stopped = await refract(teaching('stopped'), stopping(1));
    expect(stopped.code).toBe(130);
    expect(stopped.err).toContain('--resume');
    expect(existsSync(at('stopped'))).toBe(false);
    expect((await refract(teaching('stopped', '--resume'))).code).toBe(0);
    const weights = (name: string) => readFileSync(join(at(name), 'model.safetensors'));
    expect(weights('stopped').equals(weights('teacher'))).toBe(true);
  });

  it.each(['learning the tokenizer', 'indexing words', 'mining negatives'])(
    'stops while %s, and gives the same weights when it is resumed',
    async (stage) => {
      const out = stage.replaceAll(' ', '-');
      const stopped = await refract(teaching(out), stopping(0, stage));
      expect(stopped.code, stopped.err).toBe(130);
      expect(stopped.err).toContain(`stopped while ${stage}`);
      expect(stopped.err).toContain('--resume');
      expect(existsSync(at(out))).toBe(false);
      const learnt = existsSync(at(`${out}.unfinished/tokenizer.json`));
      expect(learnt).toBe(stage !== 'learning the tokenizer');
      if (learnt) {
        const others = ['--resume', '--set', 'tokenizer.vocabSize=430'];
        await refused(teaching(out, ...others), 'RESUME_MISMATCH');
      }
      const labels: string[] = [];
      const progress: ProgressFactory = (label) => {
        labels.push(label);
        return { update() {}, end() {} };
      };
      expect((await refract(teaching(out, '--resume'), { progress })).code).toBe(0);
      expect(labels.includes('learning the tokenizer')).toBe(!learnt);
      const weights = (name: string) => readFileSync(join(at(name), 'model.safetensors'));
      expect(weights(out).equals(weights('teacher'))).toBe(true);
      expect(existsSync(at(`${out}.unfinished`))).toBe(false);
    },
  );

  it('says that a stopped run is lost where it is not resumed', async () => {
    await refract(teaching('again'), stopping(1));
    const { code, err } = await refract(teaching('again'));
    expect(code).toBe(0);
    expect(err).toContain('it starts anew');
  });

  it('refuses a file where the unfinished run would be kept, before anything is read', async () => {
    const file = folder.write('blocked.unfinished', 'notes');
    const error = await refused(teaching('blocked', '--passages', at('nowhere.jsonl')), 'OUTPUT_EXISTS');
    expect(error).toContain(file);
    expect(error).toContain('Move the file away');
    expect(readFileSync(file, 'utf8')).toBe('notes');
  });

  it('replaces a model only when asked, and never what is no model', async () => {
    expect(await refused(teaching('teacher'), 'OUTPUT_EXISTS')).toContain('--overwrite');
    folder.write('letters/dear.txt', 'mine');
    await refused(teaching('letters', '--overwrite'), 'OUTPUT_EXISTS');
    expect(readFileSync(at('letters/dear.txt'), 'utf8')).toBe('mine');
  });

  it.each<[string, string, string[]]>([
    [
      'judgments of an unknown passage',
      'UNKNOWN_ID',
      ['--qrels', folder.write('lost.txt', 'q-p1 0 p99 1\n')],
    ],
    ['dev queries without judgments', 'SETTING_INVALID', ['--dev-queries', queries]],
    ['bitext beside a base', 'SETTING_INVALID', ['--base', at('teacher')]],
    ['a file that is not there', 'FILE_MISSING', ['--text', at('nowhere.txt')]],
    ['a language nobody speaks', 'LANGUAGE_UNKNOWN', ['--bitext', `qqq=${swahili}`]],
    ['bitext without a language', 'SETTING_INVALID', ['--bitext', swahili]],
  ])('refuses %s', async (_, code, more) => {
    await refused(teaching('never', ...more), code);
    expect(readdirSync(folder.path).filter((name) => name.startsWith('never'))).toEqual([]);
  });

  it('leaves out queries without a relevant passage, and says so', async () => {
    const file = folder.write('more.jsonl', jsonLines([...questions, { id: 'q-none', text: 'who knows' }]));
    const { code, err } = await refract(teaching('unjudged', '--queries', file));
    expect(code).toBe(0);
    expect(err).toContain('1 of 17 queries have no relevant passage');
  });
});

describe('refract distill', () => {
  it('warns of a dictionary the wrong way round', async () => {
    const reversed = folder.write('reversed.tsv', 'maji\twater\nsoko\tmarket\nbasi\tbus\n');
    const long = folder.write(
      'long.tsv',
      tsv([...PAIRS, ...PAIRS.map(([a, b]) => [`${a} Now.`, b]), ...MORE]),
    );
    const { code, err } = await refract(
      distilling('warned', long, '--language', 'sw', '--dictionary', `sw=${reversed}`),
    );
    expect(code, err).toBe(0);
    expect(err).toContain(`Warning: ${reversed} looks as if it went from Swahili to English`);
  });

  it('makes a pack that searches the index of its teacher', async () => {
    const { code, out, err } = await refract(
      distilling(
        'pack',
        swahili,
        '--language',
        'sw',
        '--anchor',
        queries,
        '--dictionary',
        `sw=${dictionary}`,
        '--dev-bitext',
        `sw=${swahili}`,
      ),
    );
    expect(code).toBe(0);
    expect(out).toContain('a pack for sw');
    expect(out).toMatch(
      /RR@10 of 6 held-out sentences among their translations: teacher 0\.\d+, pack [01]\.\d+/,
    );
    expect(err).toContain('Swahili: ');
    expect(err).toContain('6 read, 6 kept');
    expect(err).toContain(`${dictionary}: 2 entries; rows left out: 1 without a side (line 3)`);
    expect(err).not.toContain('Warning');
    expect(err).toContain('100.0 %  sw/en-sw, 6 pairs');
    expect(readCheckpoint(at('pack')).settings).toMatchObject({
      kind: 'pack',
      languages: ['sw'],
      teacher: modelFingerprint(readCheckpoint(at('teacher'))),
    });
    await refract(['index', '--teacher', at('teacher'), '--passages', passages, '--out', at('index')]);
    const found = await refract(['search', '--index', at('index'), '--pack', at('pack'), 'chemsha maji']);
    expect([found.code, found.err]).toEqual([0, '']);
  });

  it('makes a shared pack for several languages, or one each', async () => {
    const both = `sw=${swahili},ar=${arabic}`;
    const shared = await refract(distilling('shared', both, '--json'));
    expect(JSON.parse(shared.out).packs).toMatchObject([{ out: at('shared'), languages: ['sw', 'ar'] }]);
    const each = await refract(distilling('each', both, '--each'));
    expect([each.code, each.out]).toEqual([0, expect.stringContaining('a pack for ar')]);
    expect(readCheckpoint(at('each/ar')).settings.languages).toEqual(['ar']);
    expect(await refused(distilling('each', both, '--each'), 'OUTPUT_EXISTS')).toContain('each/sw');
    const resumed = await refract(distilling('each', both, '--each', '--resume'));
    expect(resumed.err).toContain(`${at('each/sw')} is finished`);
  });

  it('warns where there is no anchor', async () => {
    const { err } = await refract(distilling('bare', `sw=${swahili}`));
    expect(err).toContain('no anchor');
  });

  it('counts rows that lack a column, and stops at them when asked', async () => {
    const torn = folder.write('torn.tsv', `${tsv(PAIRS)}only one side\n`);
    const counted = await refract(distilling('torn', `sw=${torn}`));
    expect(counted.err).toContain('too few columns (line 7)');
    expect(await refused(distilling('strict', `sw=${torn}`, '--strict'), 'COLUMN_MISSING')).toContain(
      `${torn}:7`,
    );
  });

  it.each<[string, string, string, string[]]>([
    ['a pack as the teacher', 'TEACHER_MISMATCH', `sw=${swahili}`, ['--teacher', at('pack')]],
    [
      'a dictionary of another language',
      'SETTING_INVALID',
      `sw=${swahili}`,
      ['--dictionary', `so=${dictionary}`],
    ],
    ['files without a language', 'SETTING_INVALID', swahili, []],
    [
      'pairs that are all the same on both sides',
      'BITEXT_EMPTY',
      `sw=${folder.write('same.tsv', 'maji\tmaji\n')}`,
      [],
    ],
  ])('refuses %s', async (_, code, bitext, more) => {
    await refused(distilling('never', bitext, ...more, '--quiet'), code);
    expect(existsSync(at('never'))).toBe(false);
  });
});

describe('refract pretrain', () => {
  const text = folder.write('text.txt', PASSAGES.map((passage) => `${passage.text}\n\n`).join(''));
  const pretraining = (out: string, ...more: string[]) => [
    ...['pretrain', '--text', `${text},${text}`, '--out', at(out)],
    ...small('windowTokens=40', 'batch.windows=4'),
    ...more,
  ];

  it('makes an encoder that a teacher starts from', async () => {
    const made = await refract(
      pretraining('pretrained', '--size', 'tiny', '--set', 'tokenizer.vocabSize=420'),
    );
    expect(made.code).toBe(0);
    expect(made.out).toContain('an encoder of 2 layers of 128, 420 tokens');
    expect(made.err).toContain(`refract teach --base ${at('pretrained')}`);
    const { code, out, err } = await refract([
      ...['teach', '--passages', passages, '--queries', queries, '--qrels', qrels, '--out', at('based')],
      ...['--base', at('pretrained'), '--json', ...small('retrieval.dim=16', 'batch.queries=4')],
    ]);
    expect([code, err]).toEqual([0, '']);
    expect(JSON.parse(out)).toMatchObject({ vocabSize: 420, dim: 16 });
    const tokenizer = (name: string) => readCheckpoint(at(name), { allowBase: true }).tokenizerJson;
    expect(tokenizer('based')).toEqual(tokenizer('pretrained'));
  });

  it('takes the tokenizer of another model', async () => {
    const { code } = await refract(pretraining('borrowed', '--size', 'tiny', '--tokenizer', at('teacher')));
    expect(code).toBe(0);
    const tokenizer = (name: string) => readCheckpoint(at(name), { allowBase: true }).tokenizerJson;
    expect(tokenizer('borrowed')).toEqual(tokenizer('teacher'));
  });

  it('refuses a base together with a size, and text that is not there', async () => {
    await refused(pretraining('never', '--base', at('teacher'), '--size', 'tiny'), 'SETTING_INVALID');
    await refused(['pretrain', '--text', at('nowhere.txt'), '--out', at('never')], 'FILE_MISSING');
    await refused(['pretrain', '--text', ',', '--out', at('never')], 'FILE_EMPTY');
  });
});
