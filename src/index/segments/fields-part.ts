/** The part that holds metadata, title and language of passages: columns that filters read. */
import { FieldsReader } from '../fields/reader.ts';
import { FieldsWriter } from '../fields/writer.ts';
import type { SegmentPart } from './segment-part.ts';

export const fieldsPart: SegmentPart<FieldsReader> = {
  name: 'fields',
  filePrefix: 'fields',
  async writer(directory, files, { schema }) {
    const writer = new FieldsWriter(directory, schema, files);
    return {
      get heldBytes() {
        return writer.heldBytes;
      },
      add: async ({ passage }) => writer.add(passage),
      copy: async (from, passage) => writer.copy(from, passage),
      finish: () => writer.finish(),
      abandon: () => writer.abandon(),
    };
  },
  reader: (directory, { passages }) => FieldsReader.open(directory, passages),
};
