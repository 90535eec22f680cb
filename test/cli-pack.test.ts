/** Packs as differences at the command line: distil, search, explain, shrink, expand, cards. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { refract } from './command-line.ts';
import { temporaryFolder } from './temporary.ts';
import { jsonLines, PASSAGES, writeTinyRetriever } from './tiny-retriever.ts';

const folder = temporaryFolder();
const at = (name: string) => join(folder.path, name);
const json = async (...args: string[]) => JSON.parse((await refract(args)).out);

beforeAll(async () => {
  await writeTinyRetriever(at('teacher'));
  await writeTinyRetriever(at('other'), { seed: 5 });
  folder.write('passages.jsonl', jsonLines(PASSAGES));
  folder.write(
    'en-hi.tsv',
    'english\thindi\tsource\nboil the water\tपानी उबालें\ttatoeba\nthe market opens\tबाज़ार खुलता है\ttatoeba\nclean water\tसाफ़ पानी\tnews\n',
  );
  folder.write('dev.tsv', 'english\thindi\nthe water\tपानी\nthe market\tबाज़ार\n');
  for (const [name, args] of [
    ['index', []],
    ['bare', ['--no-copy-teacher']],
  ] as const)
    await refract([
      ...[
        'index',
        '--teacher',
        at('teacher'),
        '--passages',
        at('passages.jsonl'),
        '--out',
        at(name),
        '--quiet',
      ],
      ...args,
    ]);
});

function distil(out: string, ...more: string[]) {
  return refract([
    ...[
      'distill',
      '--teacher',
      at('teacher'),
      '--bitext',
      `hi=${at('en-hi.tsv')}`,
      '--out',
      at(out),
      '--quiet',
    ],
    ...[
      '--dev-bitext',
      `hi=${at('dev.tsv')}`,
      '--threads',
      '1',
      '--set',
      'train.steps=2',
      '--set',
      'batch.pairs=2',
    ],
    ...more,
  ]);
}

describe('refract distill --pack difference', () => {
  it('writes a pack that searches and explains as the whole one does, with the teacher of the index', async () => {
    expect((await distil('whole')).code).toBe(0);
    expect((await distil('small', '--pack', 'difference')).code).toBe(0);
    expect(existsSync(at('small/model.safetensors'))).toBe(false);
    for (const args of [
      ['search', '--index', at('index'), '--json', 'साफ़ पानी'],
      ['explain', '--index', at('index'), '--passage', 'p11', '--json', 'साफ़ पानी'],
    ]) {
      const [whole, small] = await Promise.all(
        ['whole', 'small'].map((pack) => json(...args, '--pack', at(pack), '--threads', '1')),
      );
      expect(small).toEqual(whole);
    }
  });

  it('trains adapters where the settings say so, and keeps them', async () => {
    const set = ['--set', 'train.adapters.rank=2', '--set', 'train.adapters.alpha=4'];
    expect((await distil('adapted', ...set)).code).toBe(0);
    expect(existsSync(at('adapted/difference.safetensors'))).toBe(true);
    const half = await distil('no', '--set', 'train.adapters.rank=2');
    expect(half.err).toContain('train.adapters.alpha: is not given [SETTING_INVALID]');
  });

  it('needs the teacher of an index without a copy, and refuses another one', async () => {
    const words = ['search', '--index', at('bare'), '--pack', at('small'), 'पानी'];
    expect((await refract(words)).code).toBe(0); // the index knows where its teacher lies
    const { err } = await refract([...words, '--teacher', at('other')]);
    expect(err).toContain('[TEACHER_MISMATCH]');
  });

  it('is read by a reader beside --teacher alone', async () => {
    folder.write('q.jsonl', jsonLines([{ id: 'q1', text: 'पानी कब पिएँ', answers: ['पानी'] }]));
    folder.write('qrels.txt', 'q1 0 p11 1\n');
    const examples = jsonLines([
      { id: 'e1', question: 'when?', context: 'at noon', passage: 'p', answers: ['noon'] },
    ]);
    folder.write('examples.jsonl', examples);
    const trained = await refract([
      ...['train-reader', '--base', at('teacher'), '--examples', at('examples.jsonl'), '--out', at('reader')],
      ...['--set', 'train.steps=1', '--set', 'train.freeze=[word_embeddings]', '--quiet', '--threads', '1'],
    ]);
    expect(trained.err + trained.code).toBe('0');
    const ask = [
      'answer',
      '--reader',
      at('reader'),
      '--pack',
      at('small'),
      '--out',
      at('answers.json'),
      '--quiet',
    ];
    const gold = ['--passages', at('passages.jsonl'), '--queries', at('q.jsonl'), '--qrels', at('qrels.txt')];
    expect((await refract([...ask, ...gold])).err).toContain('[TEACHER_MISSING]');
    expect((await refract([...ask, ...gold, '--teacher', at('teacher')])).code).toBe(0);
  });
});

describe('refract pack', () => {
  it('shrinks and expands, and prints sizes and the loss', async () => {
    const shrunk = await json(
      ...[
        'pack',
        'shrink',
        at('whole'),
        '--teacher',
        at('teacher'),
        '--out',
        at('tiny'),
        '--precision',
        'float16',
      ],
      ...['--rank', '4', '--dev-bitext', `hi=${at('dev.tsv')}`, '--json', '--quiet', '--threads', '1'],
    );
    expect(shrunk).toMatchObject({ out: at('tiny'), exact: expect.any(Boolean), dev: { pairs: 2 } });
    expect(shrunk.bytes.after).toBeLessThan(shrunk.bytes.before);
    const told = await refract([
      'pack',
      'expand',
      at('small'),
      '--teacher',
      at('teacher'),
      '--out',
      at('expanded'),
    ]);
    expect(told.out).toBe(`${at('expanded')}: a whole model\n`);
    expect(
      readFileSync(at('expanded/model.safetensors')).equals(readFileSync(at('whole/model.safetensors'))),
    ).toBe(true);
  });

  it.each([
    [['--rank', '2', '--energy', '0.5'], 'exclude each other'],
    [['--energy', '0'], 'would keep nothing'],
    [['--energy', '2'], 'is not a number from 0 to 1'],
  ])('refuses %s', async (more, said) => {
    const { code, err } = await refract([
      'pack',
      'shrink',
      at('whole'),
      '--teacher',
      at('teacher'),
      '--out',
      at('no'),
      ...more,
    ]);
    expect(code).toBe(1);
    expect(err).toContain(said);
  });

  it('does not write over a model unless asked, and never over something else', async () => {
    const shrink = ['pack', 'shrink', at('whole'), '--teacher', at('teacher'), '--out'];
    expect((await refract([...shrink, at('tiny')])).err).toContain('already a model here');
    expect((await refract([...shrink, at('tiny'), '--overwrite'])).code).toBe(0);
    expect((await refract([...shrink, at('index'), '--overwrite'])).err).toContain('no model');
  });
});

describe('refract pack card', () => {
  const card = () => readFileSync(at('whole/README.md'), 'utf8');

  it('adds scores, licence and names on the hub, and keeps what people wrote', async () => {
    expect(card()).toContain('license: unknown');
    expect(card()).toContain('| Hindi (hi) | tatoeba | 2 | unknown |');
    folder.write(
      'whole/README.md',
      card().replace('## Limits', '## Thanks\n\nTo Wanjirũ and ندى.\n\n## Limits'),
    );
    const systems = [
      { system: 'teacher', means: { 'nDCG@10': 0.2281 }, queries: 300 },
      { system: 'pack', means: { 'nDCG@10': 0.3612 }, queries: 300 },
    ];
    folder.write('scores.json', JSON.stringify({ systems }));
    const args = ['pack', 'card', at('whole'), '--scores', `afriqa=${at('scores.json')}`];
    const more = ['--license', 'cc-by-4.0', '--dataset', 'a/b,c/d', '--base-model', 'me/teacher'];
    for (let round = 0; round < 2; round++) {
      expect((await refract([...args, ...more])).out).toContain('renewed');
      expect(card()).toContain('| pack | 300 | 0.3612 |');
      expect(card().match(/afriqa:/g)).toHaveLength(1);
      expect(card()).toMatch(/^---\nlanguage:\n {2}- hi\nlicense: cc-by-4.0\n/);
      expect(card()).toContain('base_model: me/teacher');
      expect(card()).toContain('datasets:\n  - a/b\n  - c/d\n');
      expect(card()).toContain('To Wanjirũ and ندى.');
    }
  });

  it('takes scores by language as eval prints them', async () => {
    const runs = ['p11', 'p1'].map((id, i) => `q1 Q0 ${id} ${i + 1} ${2 - i} t\n`).join('');
    folder.write('hi.run', runs);
    folder.write('hi.qrels', 'q1 0 p11 1\n');
    const { out } = await refract([
      'eval',
      '--qrels',
      at('hi.qrels'),
      '--run',
      at('hi.run'),
      '--format',
      'json',
      '-m',
      'R@1',
    ]);
    folder.write('one.json', out);
    const languages = { hi: { means: { 'R@1': 1 }, queries: 1 } };
    folder.write('many.json', JSON.stringify({ systems: [{ system: 'pack', languages }] }));
    await refract(['pack', 'card', at('whole'), '--scores', at('one.json'), '--scores', at('many.json')]);
    expect(card()).toContain('one:\n\n| system | queries | R@1 |');
    expect(card()).toContain('| pack | Hindi (hi) | 1 | 1.0000 |');
  });

  it('writes one for a teacher that has none, and refuses what is no score', async () => {
    expect((await refract(['pack', 'card', at('teacher')])).out).toContain('written');
    expect(readFileSync(at('teacher/README.md'), 'utf8')).toContain('an unknown number of passages');
    folder.write('bad.json', '{"mean": 1}');
    expect((await refract(['pack', 'card', at('whole'), '--scores', at('bad.json')])).err).toContain(
      '[FILE_FORMAT]',
    );
    expect((await refract(['pack', 'card', at('whole'), '--scores', at('none.json')])).err).toContain(
      '[FILE_MISSING]',
    );
    expect((await refract(['pack', 'card', at('nowhere')])).err).toContain('[FILE_MISSING]');
  });
});
