/**
 * The fields of an index and their types. The first value of a field fixes its type for the whole index; the manifest
 * keeps them (`toJSON`). Names are kept in NFC, so that they are found however they are typed.
 */
import { isMetadataValue, LOST_NAME, OWN_FIELDS } from '../../data/metadata.ts';
import type { MetadataValue, Passage } from '../../data/records.ts';
import { RefractError } from '../../errors.ts';

/** What a field holds: text, finite numbers, true or false, or lists of text. */
export type FieldType = 'string' | 'number' | 'boolean' | 'strings';

/** Every type, as manifests name them. */
export const FIELD_TYPES = ['string', 'number', 'boolean', 'strings'] as const satisfies readonly FieldType[];

/** What the values of a type are, for messages. */
export const TYPE_WORDS: Readonly<Record<FieldType, string>> = {
  string: 'text',
  number: 'numbers',
  boolean: 'true or false',
  strings: 'lists of texts',
};

/**
 * Fields and their types, in the order in which they were first seen.
 *
 * @example
 * const schema = new FieldSchema(manifest.fields);
 * schema.admit({ id: 'p1', text: '...', metadata: { year: 2021 } });
 * schema.toJSON(); // { year: 'number' }
 */
export class FieldSchema {
  private readonly types: Map<string, FieldType>;

  /** @param types those of an index that is there, as `toJSON` gave them */
  constructor(types: Readonly<Record<string, FieldType>> = {}) {
    this.types = new Map();
    this.take(types);
  }

  /** Names of the fields. */
  get names(): string[] {
    return [...this.types.keys()];
  }

  /** The type of a field, or undefined when there is no such field. */
  type(name: string): FieldType | undefined {
    return this.types.get(name);
  }

  /**
   * The fields of a passage, its own and its metadata; new ones join the schema.
   *
   * @throws RefractError `FIELD_TYPE` (passage, field, both types), then with nothing added; `SETTING_INVALID` for a
   *   value that is no metadata, a name that is one of the passage's own fields, or two names that are equal in NFC
   */
  admit(passage: Passage): Map<string, MetadataValue> {
    const values = fieldsOf(passage);
    for (const [name, value] of values) {
      const known = this.types.get(name);
      const type = typeOf(value);
      if (known !== undefined && known !== type)
        throw new RefractError(
          'FIELD_TYPE',
          `passage "${passage.id}" has ${one(type)} in the field "${name}", which holds ${TYPE_WORDS[known]}`,
          {
            hint: 'A field has one type in the whole index. Correct the passage, or give its field another name.',
          },
        );
    }
    for (const [name, value] of values) if (!this.types.has(name)) this.types.set(name, typeOf(value));
    return values;
  }

  /** Takes up fields that were seen before, as `toJSON` gave them. */
  take(types: Readonly<Record<string, FieldType>>): void {
    for (const [name, type] of Object.entries(types)) this.types.set(name, type);
  }

  /** Fields and types, for the manifest. */
  toJSON(): Record<string, FieldType> {
    return Object.fromEntries(this.types);
  }
}

function fieldsOf({ id, title, language, metadata = {} }: Passage): Map<string, MetadataValue> {
  const values = new Map<string, MetadataValue>();
  if (title !== undefined && title !== '') values.set('title', title);
  if (language !== undefined) values.set('language', language);
  for (const [given, value] of Object.entries(metadata)) {
    const name = given.normalize('NFC');
    if (OWN_FIELDS.includes(name) || name === '' || name === LOST_NAME || !isMetadataValue(value))
      throw new RefractError(
        'SETTING_INVALID',
        `passage "${id}" has metadata that cannot be kept in "${name}"`,
        {
          hint: `A field has a name other than ${[...OWN_FIELDS, LOST_NAME].join(', ')}, and holds a string, a finite number, true or false, or a list of strings.`,
        },
      );
    if (values.has(name))
      throw new RefractError(
        'SETTING_INVALID',
        `passage "${id}" has two fields "${name}", in two forms of Unicode`,
        {
          hint: 'Leave one of them out.',
        },
      );
    values.set(name, value);
  }
  return values;
}

function typeOf(value: MetadataValue): FieldType {
  if (typeof value === 'string') return 'string';
  if (typeof value === 'number') return 'number';
  return typeof value === 'boolean' ? 'boolean' : 'strings';
}

function one(type: FieldType): string {
  return { string: 'text', number: 'a number', boolean: 'true or false', strings: 'a list of texts' }[type];
}
