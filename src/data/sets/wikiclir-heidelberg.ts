/**
 * WikiCLIR of Heidelberg (Schamoni et al. 2014, ACL): https://www.cl.uni-heidelberg.de/statnlpgroup/wikiclir/
 * (columns, sizes, licence). German sentences against English Wikipedia: for each of train, dev and test `.queries`
 * (`id text`), `.docs` (`id text`) and `.qrels` (`query document grade`; 3 the same article, 2 linked both ways).
 */
import type { AnyPart, DataSet } from './data-set.ts';
import { passagesPart, qrelsPart, queriesPart } from './parts.ts';
import { tsvPassages, tsvQueries } from './rows.ts';
import type { SetFolder } from './set-folder.ts';

/** The catalogue's entry. */
export const wikiclirHeidelberg: DataSet = {
  name: 'wikiclir-heidelberg',
  title: 'WikiCLIR (Heidelberg, 2014)',
  home: 'https://www.cl.uni-heidelberg.de/statnlpgroup/wikiclir/',
  licence: 'CC BY-SA 4.0',
  languages: 'German queries, English documents',
  layout: '{train,dev,test}.{queries,docs,qrels}',
  size: '245,294 queries, 1,226,741 documents, 3,200,393 judgments',
  source: 'https://www.cl.uni-heidelberg.de/statnlpgroup/wikiclir/',
  published: {
    'queries.train': 225_294,
    'queries.dev': 10_000,
    'queries.test': 10_000,
    'passages.train': 1_226_741,
    'passages.dev': 113_553,
    'passages.test': 115_131,
  },
  files: [],
  byHand: 'Follow the download link of the home page (heiDATA), and unpack the archive.',
  open: openHeidelberg,
};

function openHeidelberg(folder: SetFolder): AnyPart[] {
  const files = folder.find(/(?:[^/]*[._-])?(train|dev|test)\.(queries|docs|qrels)/);
  if (files.length === 0) throw folder.nothingFound('train.queries, train.docs, train.qrels and the like');
  return files.map((file): AnyPart => {
    const [split, kind] = file.groups;
    if (kind === 'docs') return passagesPart(split, [file], tsvPassages);
    if (kind === 'queries') return queriesPart(split, [file], (path) => tsvQueries(path, 'de'));
    return qrelsPart(split, [file]);
  });
}
