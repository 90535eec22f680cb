/** The handful of record types that every reader produces and everything downstream consumes. */

/** What a metadata field of a passage may hold; numbers are finite. */
export type MetadataValue = string | number | boolean | readonly string[];

/** A passage of the collection. `title`, where there is one, is searched together with the text. */
export interface Passage {
  readonly id: string;
  readonly text: string;
  readonly title?: string;
  /** Language of the text, where the file says it. */
  readonly language?: string;
  /** Fields that searches can be filtered by; `title` and `language` are not repeated here. */
  readonly metadata?: Readonly<Record<string, MetadataValue>>;
}

/** A query; `language`, `answers` (for extractive data) and `choices` (for multiple choice) are optional. */
export interface Query {
  readonly id: string;
  readonly text: string;
  readonly language?: string;
  readonly answers?: readonly string[];
  /** Multiple choice (Belebele): two candidates or more. `correct`, the right one's index from 0, is then there too. */
  readonly choices?: readonly string[];
  readonly correct?: number;
}

/** A relevance judgment (qrel): grade 0 or less is not relevant. */
export interface Judgment {
  readonly query: string;
  readonly passage: string;
  readonly grade: number;
}

/** A translated sentence pair: `pivot` in the teacher's language (English), `target` in the new language. */
export interface SentencePair {
  readonly pivot: string;
  readonly target: string;
  /** Language of `target` (BCP 47 / ISO 639). */
  readonly language: string;
  /** The collection the pair comes from, e.g. `tatoeba`; used to mix sources. */
  readonly source?: string;
}

/** One entry of a bilingual dictionary. */
export interface LexiconEntry {
  readonly pivot: string;
  readonly target: string;
  readonly language: string;
  /** Where it comes from; several sources are separated by commas. */
  readonly source?: string;
  /** How many rows of dictionaries it stands for; 1 when absent. */
  readonly count?: number;
}

/**
 * A question about one context: reading comprehension with answers, or a choice among answers (`choices`).
 * The context is a passage of the collection with the id `passage`.
 */
export interface Example {
  readonly id: string;
  readonly question: string;
  readonly context: string;
  /** Id of the passage that holds `context`. */
  readonly passage: string;
  readonly title?: string;
  /** Language of the question. */
  readonly language?: string;
  /** Language of the context, where it is another one. */
  readonly contextLanguage?: string;
  /** Gold answers; none when the question has no answer in the context (SQuAD 2.0). */
  readonly answers: readonly string[];
  /** Where each answer starts in `context`, as a string index (UTF-16); -1 when it is no span of it. */
  readonly answerStarts?: readonly number[];
  /** Multiple choice (Belebele): the candidates, and the index from 0 of the correct one. */
  readonly choices?: readonly string[];
  readonly correct?: number;
}

/** A training triple: a query, a passage that answers it, one that does not; all ids or all texts. */
export interface Triple {
  readonly query: string;
  readonly positive: string;
  readonly negative: string;
}

/** One line of a run: what a system returned for a query, best first by score. */
export interface RunEntry {
  readonly query: string;
  readonly passage: string;
  readonly score: number;
}

/** What a passage shows an encoder or a lexical index: title and text together. */
export function passageText(passage: Passage): string {
  return passage.title === undefined || passage.title === ''
    ? passage.text
    : `${passage.title}. ${passage.text}`;
}
