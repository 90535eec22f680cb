/** Building and changing indexes from files: windows, cuts, empty passages, resuming, and the right teacher. */
import { appendFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import '../../test/allclose.ts';
import { refusal, temporaryFolder } from '../../test/temporary.ts';
import { jsonLines, PASSAGES, writeTinyRetriever } from '../../test/tiny-retriever.ts';
import type { Passage } from '../data/records.ts';
import { maxSim } from '../index/maxsim.ts';
import { openIndex } from '../index/open-index.ts';
import { verifyIndex } from '../index/verify.ts';
import { writeCheckpoint } from '../model/checkpoint.ts';
import type { ProgressFactory } from '../progress.ts';
import { addPassages } from './change-index.ts';
import { explainPassage } from './explanation.ts';
import { indexPassages } from './index-passages.ts';
import { IndexScorer } from './index-scorer.ts';
import { openSearcher } from './open-searcher.ts';

const folder = temporaryFolder();
const at = (name: string) => join(folder.path, name);
const file = folder.write('passages.jsonl', jsonLines(PASSAGES));
const threads = 1;

/** Far longer than the 128 tokens that the teacher reads. */
const LONG: Passage = { id: 'طويل', text: PASSAGES.map(({ text }) => text).join(' ') };

beforeAll(async () => {
  await writeTinyRetriever(at('teacher'));
});

/** Files of an index and their bytes. */
function bytesOf(index: string): Map<string, string> {
  const files = readdirSync(index, { recursive: true, withFileTypes: true }).filter((each) => each.isFile());
  return new Map(
    files.map(({ name, parentPath }) => {
      const path = join(parentPath, name);
      return [path.slice(index.length), readFileSync(path, 'base64')];
    }),
  );
}

describe('long passages', () => {
  const mixed = folder.write('long.jsonl', jsonLines([...PASSAGES.slice(0, 4), LONG, ...PASSAGES.slice(4)]));

  it('become windows, counted, whose best gives the score, in every kind of search', async () => {
    const { manifest } = await indexPassages(at('teacher'), mixed, at('windows'), { threads });
    const { split, windows, truncated, skipped } = manifest.texts;
    expect([split, truncated, skipped]).toEqual([1, 0, 0]);
    expect(windows).toBeGreaterThan(2);
    const searcher = await openSearcher(at('windows'), { threads });
    const { index } = searcher;
    const ordinal = index.ordinal(LONG.id) as number;
    const counts = index.windows(ordinal);
    expect(counts).toHaveLength(windows);
    // The words of its end are found, which a cut at 128 tokens would lose.
    const query = await searcher.encodeQuery(PASSAGES.at(-1)?.text ?? '');
    const rows = index.vectors(ordinal);
    let start = 0;
    const scores = counts.map((count) => {
      const window = rows.subarray(start * index.dim, (start + count) * index.dim);
      start += count;
      return maxSim(query.vectors, window, index.dim);
    });
    const best = Math.max(...scores);
    expect(scores.indexOf(best)).toBe(counts.length - 1);
    const hit = (await index.search(query.vectors, query.count, 20)).find(({ id }) => id === LONG.id);
    expect(hit?.score).toBeCloseTo(best, 4);
    const scorer = await IndexScorer.open(index, { threads });
    const [hits] = await scorer.search([{ vectors: query.vectors, tokens: query.count }], 20);
    await scorer.close();
    expect(hits.find(({ id }) => id === LONG.id)?.score).toBeCloseTo(best, 4);
    const { alignment, labels } = await explainPassage(searcher, PASSAGES.at(-1)?.text ?? '', LONG.id);
    expect(alignment.score).toBeCloseTo(best, 4);
    expect(labels.passage).toHaveLength(counts[counts.length - 1]);
    await searcher.close();
  });

  it('are cut when asked, and that is counted', async () => {
    const long = { overlap: 0, truncate: true };
    const { manifest } = await indexPassages(at('teacher'), mixed, at('cut'), { threads, long });
    expect(manifest.texts).toMatchObject({ split: 0, windows: 0, truncated: 1 });
    expect(manifest.texts.tokensLeftOut).toBeGreaterThan(100);
    // What is added later is cut too.
    const more = folder.write('more.jsonl', jsonLines([{ ...LONG, id: 'another' }]));
    const { texts, manifest: after } = await addPassages(at('cut'), more, { threads });
    expect(texts.truncated).toBe(1);
    expect(after.texts.tokensLeftOut).toBe(2 * manifest.texts.tokensLeftOut);
  });
});

describe('empty passages', () => {
  beforeAll(async () => {
    // A teacher that leaves out markers, as some of other tools do.
    const { checkpoint } = await writeTinyRetriever(at('skipping'));
    const { settings } = checkpoint;
    const skipTokens = ['[CLS]', '[SEP]', settings.retrieval.passageMarker, '\u2581.'];
    const retrieval = { ...settings.retrieval, skipTokens };
    await writeCheckpoint(at('skipping'), { ...checkpoint, settings: { ...settings, retrieval } });
  });

  it.each([
    ['without text', { id: 'नाम', text: ' ' }, 'LINE_FORMAT'],
    ['without a token that is scored', { id: 'नाम', text: '. . .' }, 'PASSAGE_EMPTY'],
  ])('%s are refused by id, or left out and counted', async (name, empty, code) => {
    const path = folder.write(`${name}.jsonl`, jsonLines([PASSAGES[0], empty, PASSAGES[1]]));
    const error = await refusal(() => indexPassages(at('skipping'), path, at('never'), { threads }));
    expect(error.code).toBe(code);
    if (code === 'PASSAGE_EMPTY') expect(error.message).toContain('नाम');
    expect(existsSync(at('never'))).toBe(false);
    const { manifest } = await indexPassages(at('skipping'), path, at(name), { threads, skipEmpty: true });
    expect([manifest.passages, manifest.texts.skipped]).toEqual([2, 1]);
  });
});

describe('an interrupted build', () => {
  const many = Array.from({ length: 1300 }, (_, n) => ({
    id: `p${n}`,
    text: n % 400 === 7 ? `${LONG.text} ${n}` : `${PASSAGES[n % PASSAGES.length].text} ${n}`,
  }));
  const collection = folder.write('many.jsonl', jsonLines(many));
  const settings = { threads, stagedPassages: 1 };
  /** Stops when so many passages are encoded. */
  const stoppedAfter = (count: number) => {
    const stop = new AbortController();
    const progress: ProgressFactory = (label) => ({
      update(done) {
        if (label === 'indexing' && done > count) stop.abort();
      },
      end() {},
    });
    return { ...settings, signal: stop.signal, progress };
  };

  it('goes on where it was, with the same bytes as one that was not', async () => {
    await indexPassages(at('teacher'), collection, at('whole'), settings);
    for (const count of [700, 1100]) {
      const stopped = await refusal(() =>
        indexPassages(at('teacher'), collection, at('stopped'), stoppedAfter(count)),
      );
      expect(stopped.code).toBe('INTERRUPTED');
      expect(stopped.hint).toContain(`goes on after the ${count === 700 ? 512 : 1024} passages`);
      expect((await refusal(() => openIndex(at('stopped')))).hint).toContain('goes on');
    }
    const notices: string[] = [];
    const report = await indexPassages(at('teacher'), collection, at('stopped'), {
      ...settings,
      notice: (sentence) => notices.push(sentence),
    });
    expect([report.resumedFrom, notices]).toEqual([1024, [expect.stringContaining('1024 passages')]]);
    expect(report.manifest.texts.split).toBe(4);
    expect(bytesOf(at('stopped'))).toEqual(bytesOf(at('whole')));
  });

  it('starts anew when the collection has changed, and keeps the index that is there', async () => {
    const path = folder.write('changing.jsonl', jsonLines(many));
    await indexPassages(at('teacher'), file, at('changing'), settings);
    await refusal(() =>
      indexPassages(at('teacher'), path, at('changing'), { ...stoppedAfter(700), overwrite: true }),
    );
    expect(openIndex(at('changing')).size).toBe(PASSAGES.length);
    expect(await verifyIndex(at('changing'))).toMatchObject({ damaged: [], unexpected: [], building: true });
    appendFileSync(path, jsonLines([{ id: 'last', text: 'one passage more' }]));
    const notices: string[] = [];
    const { resumedFrom, manifest } = await indexPassages(at('teacher'), path, at('changing'), {
      ...settings,
      overwrite: true,
      notice: (sentence) => notices.push(sentence),
    });
    expect([resumedFrom, manifest.passages, manifest.generation]).toEqual([0, 1301, 2]);
    expect(notices).toEqual([expect.stringContaining('starting anew')]);
    expect(await verifyIndex(at('changing'))).toMatchObject({ damaged: [], unexpected: [], leftovers: [] });
  });
});

describe('an index that is rebuilt while it is open', () => {
  it('shows what it showed', async () => {
    await indexPassages(at('teacher'), file, at('open'), { threads });
    const searcher = await openSearcher(at('open'), { threads });
    const few = folder.write('few.jsonl', jsonLines(PASSAGES.slice(0, 2)));
    await indexPassages(at('teacher'), few, at('open'), { threads, overwrite: true });
    expect(await searcher.search('喝水之前', 1)).toMatchObject([{ passage: { id: 'p16' } }]);
    await searcher.close();
    const newer = await openSearcher(at('open'), { threads });
    expect(newer.index.size).toBe(2);
    await newer.close();
  });
});

describe('adding', () => {
  it('encodes as the build does, and refuses another teacher', async () => {
    const half = folder.write('half.jsonl', jsonLines(PASSAGES.slice(0, 8)));
    const rest = folder.write('rest.jsonl', jsonLines(PASSAGES.slice(8)));
    await indexPassages(at('teacher'), half, at('grown'), { threads });
    await addPassages(at('grown'), rest, { threads });
    await indexPassages(at('teacher'), file, at('once'), { threads });
    const [grown, once] = [openIndex(at('grown')), openIndex(at('once'))];
    expect(grown.size).toBe(once.size);
    for (let n = 0; n < once.size; n++) {
      expect(grown.passage(n)).toEqual(once.passage(n));
      expect(grown.vectors(n)).toBeAllclose(once.vectors(n), { absolute: 2e-3 });
      expect(grown.tokenIds(n)).toEqual(once.tokenIds(n));
    }
    await grown.close();
    await once.close();
    await writeTinyRetriever(at('other'), { seed: 5 });
    const error = await refusal(() => addPassages(at('grown'), rest, { teacher: at('other'), threads }));
    expect(error.code).toBe('TEACHER_MISMATCH');
    const twice = await refusal(() => addPassages(at('grown'), rest, { threads }));
    expect([twice.code, twice.message]).toEqual(['DUPLICATE_ID', expect.stringContaining('"p9"')]);
    const { added, replaced } = await addPassages(at('grown'), rest, { threads, replace: true });
    expect([added, replaced]).toEqual([8, 8]);
  });
});

describe('queries of any length', () => {
  it('are searched when they have a thousand tokens, and refused when they have none', async () => {
    await indexPassages(at('teacher'), file, at('lengths'), { threads });
    const index = openIndex(at('lengths'));
    const thousand = new Float32Array(1000 * index.dim).fill(1 / Math.sqrt(index.dim));
    const hits = await index.search(thousand, 1000, 3);
    expect(hits[0].score).toBeCloseTo(maxSim(thousand, index.vectors(hits[0].ordinal), index.dim), 1);
    expect((await refusal(() => index.search(new Float32Array(0), 0, 3))).code).toBe('GRAPH_SHAPE');
    await index.close();
    const old = JSON.parse(readFileSync(join(at('lengths'), 'manifest.json'), 'utf8'));
    writeFileSync(join(at('lengths'), 'manifest.json'), JSON.stringify({ ...old, version: 1 }));
    const error = await refusal(() => openIndex(at('lengths')));
    expect([error.code, error.hint]).toEqual([
      'VERSION_MISMATCH',
      expect.stringContaining('Build the index again'),
    ]);
    await indexPassages(at('teacher'), file, at('lengths'), { threads, overwrite: true });
    expect(openIndex(at('lengths')).size).toBe(PASSAGES.length);
  });
});

describe('a teacher within the index', () => {
  it('is copied when the index takes the place of the one it goes with, even where no copy is wanted', async () => {
    const out = at('carrying');
    await indexPassages(at('teacher'), file, out, { threads });
    const { manifest, teacherCopied } = await indexPassages(join(out, 'teacher'), file, out, {
      ...{ threads, overwrite: true, copyTeacher: false },
    });
    expect([teacherCopied, manifest.settings.teacher]).toEqual([true, 'teacher.2']);
    expect(readdirSync(out).sort()).toEqual(['manifest.json', 'segments', 'teacher.2']);
    await (await openSearcher(out, { threads })).close();
  });
});
