/** Every normaliser and pre-tokenizer, with all settings, does what Python's `tokenizers` does. */
import { describe, expect, it } from 'vitest';
import { golden } from '../../../test/golden-tokenizers.ts';
import type { Json } from '../tokenizer-json.ts';
import { AlignedText } from './aligned-text.ts';
import { normalizerOf } from './normalizers.ts';
import { preTokenizerOf } from './pre-tokenizers.ts';

/** Components of a kind, and of each text what each of them makes of it. */
interface Golden {
  readonly components: readonly { readonly name: string; readonly json: Json }[];
  readonly results: readonly (readonly Result[])[];
}

interface Result {
  readonly text?: string | readonly string[];
  /** Starts and ends of characters, or of pieces. */
  readonly places: readonly [number[], number[]];
}

const { texts: allTexts, ...kinds } = golden<{
  texts: string[];
  normalizers: Golden;
  pre_tokenizers: Golden;
  normalised: Golden;
}>('components');

const componentsOf = ({ components, results }: Golden) =>
  components.map((component, n) => ({
    ...component,
    texts: results.map((ofText) => ofText[n].text),
    places: results.map((ofText) => ofText[n].places),
  }));

const places = (pieces: readonly AlignedText[]) => {
  const ranges = pieces.map((piece) => piece.place(0, piece.text.length));
  return [ranges.map(([start]) => start), ranges.map(([, end]) => end)];
};

/** Texts for which two lists differ, with both. */
function differing(got: readonly unknown[], wanted: readonly unknown[]): unknown[] {
  return allTexts.flatMap((text, i) =>
    JSON.stringify(got[i]) === JSON.stringify(wanted[i]) ? [] : [{ text, got: got[i], wanted: wanted[i] }],
  );
}

describe.each(componentsOf(kinds.normalizers))('the normalizer $name', ({ json, texts, places: wanted }) => {
  const normalise = normalizerOf(json);
  const changed = (text: string, withPlaces: boolean) => {
    const aligned = AlignedText.of(text, withPlaces);
    normalise(aligned);
    return aligned;
  };

  it('changes texts, with places or without', () => {
    for (const withPlaces of [false, true])
      expect(
        differing(
          allTexts.map((text) => changed(text, withPlaces).text),
          texts,
        ),
      ).toEqual([]);
  });

  it('knows the place of every character', () => {
    const got = allTexts.map((text) => {
      const aligned = changed(text, true);
      let at = 0;
      const characters = Array.from(aligned.text, (character) => {
        at += character.length;
        return aligned.slice(at - character.length, at);
      });
      return places(characters);
    });
    expect(differing(got, wanted)).toEqual([]);
  });
});

describe.each(componentsOf(kinds.pre_tokenizers))(
  'the pre-tokenizer $name',
  ({ json, texts, places: wanted }) => {
    const cut = preTokenizerOf(json);

    it('cuts texts', () => {
      const pieces = allTexts.map((text) =>
        text === '' ? [] : cut(AlignedText.of(text, true)).map((piece) => piece.text),
      );
      expect(differing(pieces, texts)).toEqual([]);
    });

    it('knows the place of every piece', () => {
      const got = allTexts.map((text) => places(text === '' ? [] : cut(AlignedText.of(text, true))));
      expect(differing(got, wanted)).toEqual([]);
    });
  },
);

describe.each(componentsOf(kinds.normalised))(
  'the pre-tokenizer $name after NFKC',
  ({ json, places: wanted }) => {
    const cut = preTokenizerOf(json);
    it('knows the place of every piece', () => {
      const got = allTexts.map((text) => {
        const aligned = AlignedText.of(text, true);
        aligned.normalize('NFKC');
        return places(aligned.text === '' ? [] : cut(aligned.slice(0, aligned.text.length)));
      });
      expect(differing(got, wanted)).toEqual([]);
    });
  },
);
