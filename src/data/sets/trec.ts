/**
 * Any collection in TREC's form: documents (`*.sgml`, `*.sgm`, `*.trectext`, `*.trec`, `*.xml`, files below `docs/`),
 * topics (`topics*`) and judgments (`qrels*`). See `trec-documents.ts` and `trec-topics.ts` for their layouts.
 */
import type { AnyPart, DataSet } from './data-set.ts';
import { passagesPart, qrelsPart, queriesPart } from './parts.ts';
import type { FoundFile, SetFolder } from './set-folder.ts';
import { trecDocuments } from './trec-documents.ts';
import { type TopicField, trecTopics } from './trec-topics.ts';

/** The catalogue's entry. */
export const trec: DataSet = {
  name: 'trec',
  title: 'TREC and CLEF collections',
  home: 'https://trec.nist.gov/data.html',
  licence: 'of each collection; many are bought or asked for',
  languages: 'any',
  layout: '*.{sgml,sgm,trectext,trec,xml} or docs/**, topics*, qrels*',
  size: 'any',
  source: 'https://trec.nist.gov/data/docs_eng.html',
  published: {},
  files: [],
  byHand: 'Order the documents from their owner; topics and judgments are at the home page.',
  open: openTrec,
};

function openTrec(folder: SetFolder): AnyPart[] {
  const topics = folder.find(/([^/]*topics[^/]*)/i);
  const judgments = folder.find(/([^/]*qrels?[^/]*)/i).filter((file) => !topics.includes(file));
  const others = new Set([...topics, ...judgments].map((file) => file.name));
  const documents = [
    ...new Map(
      [...folder.find(/[^/]+\.(?:sgml|sgm|trectext|trec|xml)/i), ...folder.find(/docs\/.+/i)]
        .filter((file) => !others.has(file.name))
        .map((file) => [file.name, file]),
    ).values(),
  ];
  if (documents.length + others.size === 0)
    throw folder.nothingFound('documents (.sgml, .trectext, docs/), topics* or qrels*');
  return [
    ...(documents.length > 0 ? [passagesPart('', documents, trecDocuments)] : []),
    ...topics.flatMap((file): AnyPart[] => [
      topicsPart(file, 'title', baseName(file)),
      topicsPart(file, 'desc', `${baseName(file)}.description`),
    ]),
    ...judgments.map((file) => qrelsPart(baseName(file), [file])),
  ];
}

function topicsPart(file: FoundFile, field: TopicField, name: string): AnyPart {
  return queriesPart(name, [file], (path) => trecTopics(path, field));
}

/** `topics.301-350.txt.gz` becomes `301-350`. */
function baseName({ name }: FoundFile): string {
  const base = name.slice(name.lastIndexOf('/') + 1).replace(/(\.(txt|xml|sgml|gz))+$/i, '');
  return base.replace(/(topics?|qrels?)[._-]?/i, '').replace(/^[._-]|[._-]$/g, '');
}
