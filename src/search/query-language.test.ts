/** Whose encoder a query goes to, and what is said of it. */
import { describe, expect, it } from 'vitest';
import { refusal } from '../../test/temporary.ts';
import { chooseEncoder } from './query-language.ts';

const reads = {
  packs: [
    { folder: 'packs/sw', languages: ['sw'] },
    { folder: 'packs/tl', languages: ['fil'] },
    { folder: 'packs/in', languages: ['hi', 'mr'] },
  ],
  teacher: ['en'],
};
const SWAHILI = 'watoto wanahitaji maji safi ya kunywa kila siku';

describe('chooseEncoder', () => {
  it.each([
    ['sw', 'packs/sw'],
    ['swa', 'packs/sw'],
    ['sw_KE', 'packs/sw'],
    ['tgl', 'packs/tl'],
    ['mar', 'packs/in'],
    ['en-GB', undefined],
  ])('takes a named %s at its word, whatever the text', async (language, pack) => {
    const { pack: chosen, by, confidence, notice } = await chooseEncoder('ต้มน้ำ', reads, { language });
    expect({ chosen, by, confidence, notice }).toEqual({ chosen: pack, by: 'named', confidence: undefined });
  });

  it('warns of a named language without a pack, and refuses what is no language', async () => {
    expect(await chooseEncoder(SWAHILI, reads, { language: 'so' })).toEqual({
      language: 'so',
      by: 'named',
      notice: 'no open pack is for Somali (so): the teacher answered',
    });
    const error = await refusal(() => chooseEncoder(SWAHILI, reads, { language: 'swahili' }));
    expect(error.code).toBe('LANGUAGE_UNKNOWN');
    expect(error.hint).toContain('"sw"');
  });

  it('detects, and says how surely and what else it may be', async () => {
    const found = await chooseEncoder(SWAHILI, reads);
    expect(found).toMatchObject({ pack: 'packs/sw', language: 'sw', by: 'detected' });
    expect(found.confidence).toBeGreaterThan(0.8);
    expect(found.runnerUp?.language).toMatch(/^[a-z]{2,3}$/);
    expect(found.notice).toBeUndefined();
  });

  it('leaves the teacher its own language without a notice', async () => {
    const found = await chooseEncoder('children need clean water to drink every day', reads);
    expect(found).toMatchObject({ language: 'en', by: 'detected' });
    expect([found.pack, found.notice]).toEqual([undefined, undefined]);
  });

  it('gives the teacher a language, and a script, that no pack reads', async () => {
    const thai = await chooseEncoder('เด็กต้องการน้ำสะอาดทุกวัน', reads);
    expect(thai).toMatchObject({ language: 'th', confidence: 1 });
    expect([thai.pack, thai.notice]).toEqual([
      undefined,
      'no open pack is for Thai (th): the teacher answered',
    ]);
  });

  it('gives the teacher what is not certain enough', async () => {
    const found = await chooseEncoder(SWAHILI, reads, { minConfidence: 1 });
    expect(found).toMatchObject({ language: 'sw' });
    expect(found.pack).toBeUndefined();
    expect(found.notice).toMatch(/^the language is not certain \(Swahili \(sw\), \d\.\d\d or .+, \d\.\d\d\)/);
  });

  it.each(['2024', '😀', '...'])('gives the teacher %j, which has no letters', async (text) => {
    expect(await chooseEncoder(text, reads)).toEqual({
      by: 'detected',
      notice: 'the query has no letters that tell its language: the teacher answered',
    });
  });
});
