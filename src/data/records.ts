/** The handful of record types that every reader produces and everything downstream consumes. */

/** A passage of the collection. `title`, where there is one, is searched together with the text. */
export interface Passage {
  readonly id: string;
  readonly text: string;
  readonly title?: string;
}

/** A query; `answers` (for extractive data) and `language` are optional. */
export interface Query {
  readonly id: string;
  readonly text: string;
  readonly language?: string;
  readonly answers?: readonly string[];
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
  readonly source?: string;
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
