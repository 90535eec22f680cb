/**
 * MIRACL: https://github.com/project-miracl/miracl (fields, sizes), https://huggingface.co/datasets/miracl/miracl
 * (topics, judgments) and https://huggingface.co/datasets/miracl/miracl-corpus (passages). Monolingual retrieval in 18
 * languages: `miracl-corpus-v1.0-{language}/docs-{n}.jsonl.gz` (`docid title text`),
 * `miracl-v1.0-{language}/topics/topics.miracl-v1.0-{language}-{split}.tsv`, `.../qrels/qrels.miracl-...tsv`.
 */
import { docidPassages } from './ciral.ts';
import type { AnyPart, DataSet, RemoteFile } from './data-set.ts';
import { MIRACL_FILES, type MiraclFile } from './miracl-files.ts';
import { MIRACL_SIZES } from './miracl-sizes.ts';
import { passagesPart, qrelsPart, queriesPart } from './parts.ts';
import { tsvQueries } from './rows.ts';
import type { FoundFile, SetFolder } from './set-folder.ts';

const HUB = 'https://huggingface.co/datasets/miracl';

/** The catalogue's entry. */
export const miracl: DataSet = {
  name: 'miracl',
  title: 'MIRACL',
  home: 'https://github.com/project-miracl/miracl',
  licence: 'Apache-2.0',
  languages: `${Object.keys(MIRACL_SIZES).join(' ')} (and the later de, yo)`,
  layout:
    'miracl-corpus-v1.0-{LANGUAGE}/docs-{N}.jsonl.gz, miracl-v1.0-{LANGUAGE}/{topics,qrels}/{topics,qrels}.miracl-v1.0-{LANGUAGE}-{SPLIT}.tsv',
  size: '90 million passages in 16 languages; 40,203 train and 13,071 dev queries',
  source: 'https://github.com/project-miracl/miracl/blob/main/README.md',
  published: Object.fromEntries(
    Object.entries(MIRACL_SIZES).flatMap(([language, size]) => [
      [`passages.${language}`, size.passages],
      [`queries.${language}.train`, size.train[0]],
      [`qrels.${language}.train`, size.train[1]],
      [`queries.${language}.dev`, size.dev[0]],
      [`qrels.${language}.dev`, size.dev[1]],
    ]),
  ),
  files: Object.entries(MIRACL_FILES).flatMap(([language, { docs, ...splits }]) => [
    ...docs.map((file, i) =>
      hubFile('miracl-corpus', `miracl-corpus-v1.0-${language}/docs-${i}.jsonl.gz`, file),
    ),
    ...(['train', 'dev'] as const).flatMap((split) =>
      (['topics', 'qrels'] as const).map((kind) => {
        const path = `miracl-v1.0-${language}/${kind}/${kind}.miracl-v1.0-${language}-${split}.tsv`;
        return hubFile('miracl', path, splits[split][kind]);
      }),
    ),
  ]),
  byHand:
    'Take one language with --only, such as --only v1.0-sw; English alone has 33 million passages. Where the server asks for a login for topics and judgments, take them by hand from the home page.',
  open: openMiracl,
};

function hubFile(set: string, path: string, [md5, bytes]: MiraclFile): RemoteFile {
  return { url: `${HUB}/${set}/resolve/main/${path}`, path, md5, bytes };
}

function openMiracl(folder: SetFolder): AnyPart[] {
  const corpora = new Map<string, FoundFile[]>();
  for (const file of folder.find(/miracl-corpus-v1\.0-([a-z]{2})\/docs-\d+\.jsonl/))
    corpora.set(file.groups[0], [...(corpora.get(file.groups[0]) ?? []), file]);
  const parts: AnyPart[] = [
    ...[...corpora].map(([language, files]) => passagesPart(language, files, docidPassages)),
    ...folder
      .find(/topics\.miracl-v1\.0-([a-z]{2})-([a-zA-Z-]+)\.tsv/)
      .map((file) => queriesPart(file.groups.join('.'), [file], (path) => tsvQueries(path, file.groups[0]))),
    ...folder
      .find(/qrels\.miracl-v1\.0-([a-z]{2})-([a-zA-Z-]+)\.tsv/)
      .map((file) => qrelsPart(file.groups.join('.'), [file])),
  ];
  if (parts.length === 0)
    throw folder.nothingFound(
      'miracl-corpus-v1.0-sw/docs-0.jsonl.gz, topics.miracl-v1.0-sw-dev.tsv and the like',
    );
  return parts;
}
