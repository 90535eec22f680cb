/** What makes cells the same: not only which files a study has, but also which of them belongs to which language. */
import { beforeAll, expect, it } from 'vitest';
import { parse } from 'yaml';
import { temporaryFolder } from '../../test/temporary.ts';
import { studySchema } from './checked-study.ts';
import { studyMatrix } from './matrix.ts';
import { STUDY, writeStudyData } from './study.fixture.ts';
import { StudyFiles } from './study-files.ts';

const folder = temporaryFolder();
beforeAll(() => writeStudyData(folder));

/** Identities of cells by name. */
async function identities(change: (text: string) => string = (text) => text) {
  const study = studySchema.parse(parse(change(STUDY)));
  const { cells } = studyMatrix(await StudyFiles.open(study, folder.path));
  return new Map(cells.map(({ name, identity }) => [name, identity]));
}
const swap = (text: string, one: string, other: string) =>
  text.replace(one, '\0').replace(other, one).replace('\0', other);

it.each([
  ['queries', 'test.sw.jsonl', 'test.ar.jsonl', /^(runs|scores)-/],
  ['bitext', 'en-sw.tsv', 'en-ar.tsv', /^(pack-optical|runs-(optical|shift|psq)|shift)-/],
  ['dictionaries', 'dict-sw.tsv', 'dict-ar.tsv', /^(pack-optical|student-switched|runs-(psq|dictionary))-/],
])('cells are others when two languages exchange their %s', async (_, one, other, touched) => {
  const [before, after] = [await identities(), await identities((text) => swap(text, one, other))];
  expect([...after.keys()]).toEqual([...before.keys()]);
  const names = [...before.keys()].filter((name) => touched.test(name) && !/oracle/.test(name));
  expect(names.length).toBeGreaterThan(2);
  for (const name of names) expect(after.get(name), name).not.toBe(before.get(name));
  expect(after.get('teacher')).toBe(before.get('teacher'));
});

it('a run is another when queries are read from another field', async () => {
  const field = (text: string) =>
    text.replace('sw: test.sw.jsonl', 'sw: { file: test.sw.jsonl, field: text }');
  const [before, after] = [await identities(), await identities(field)];
  expect(after.get('runs-zero-shot-1-desk')).not.toBe(before.get('runs-zero-shot-1-desk'));
});

it('an arm stands at the shares and designs that it names, and a fusion where all its parts do', async () => {
  const text = STUDY.replace('designs: [matched]', 'designs: [natural, matched]')
    .replace('rho: [0, 1]', 'rho: [0, 0.5, 1]')
    .replace('from: optical,', 'from: optical, rho: [1, 0], designs: [natural],')
    .concat('  fused: { kind: fusion, of: [switched, both, dictionary] }\n');
  const { rows } = studyMatrix(await StudyFiles.open(studySchema.parse(parse(text)), folder.path));
  const points = (arm: string) =>
    rows.filter((row) => row.arm === arm).map(({ rho, design }) => `${design} ${rho}`);
  expect(points('switched')).toHaveLength(6);
  expect(points('both')).toEqual(['natural 0', 'natural 1']);
  expect(points('fused')).toEqual(['natural 0', 'natural 1']);
});

it('an arm that is read and one that is not have scores of their own over the same runs', async () => {
  const text = STUDY.replace('questions.jsonl', 'test.en.jsonl')
    .replace('measures: [RR@10]', 'measures: [RR@10, f1@1]\nreader: { arms: [zero-shot] }')
    .concat('  again: { kind: zero-shot }\n');
  const { rows } = studyMatrix(await StudyFiles.open(studySchema.parse(parse(text)), folder.path));
  const [read, unread] = ['zero-shot', 'again'].map((arm) => rows.find((row) => row.arm === arm)!.scores);
  expect([read.name, unread.name]).toEqual(['scores-zero-shot-1-desk', 'scores-again-1-desk']);
  const kinds = (cell: typeof read) => cell.needs.map(({ name }) => name);
  expect(kinds(read)).toEqual(['runs-zero-shot-1-desk', 'answers-1-zero-shot-1-desk']);
  expect(kinds(unread)).toEqual(['runs-zero-shot-1-desk']);
});
