import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { refusal, temporaryFolder } from '../../test/temporary.ts';
import { readBitext } from './bitext.ts';

const folder = temporaryFolder();
const hi = { language: 'hi' };

const tmx = (body: string) => `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE tmx SYSTEM "tmx14.dtd">
<tmx version="1.4"><header srclang="en"/>
<body>
${body}
</body></tmx>
`;

const unit = (english: string, hindi: string) =>
  `<tu><tuv xml:lang="EN-US"><seg>${english}</seg></tuv><tuv xml:lang="hi_IN"><seg>${hindi}</seg></tuv></tu>`;

describe('TMX', () => {
  it('reads units on one or many lines, with entities, and knows their lines', async () => {
    const body = `${unit('Salt &amp; water', 'नमक &#x914;&#2352; पानी')}${unit('One', 'एक')}
<tu tuid="3"
    srclang="en">
  <note>kept apart</note>
  <tuv lang="hin">
    <prop type="x">y</prop>
    <seg>दो
तीन</seg>
  </tuv>
  <tuv xml:lang="fr"><seg>Deux</seg></tuv>
  <tuv xml:lang="en"><seg><![CDATA[Two < three]]></seg></tuv>
</tu>`;
    const { pairs, report } = await readBitext(folder.write('a.tmx', tmx(body)), hi);
    expect(pairs.map(({ pivot, target, line, source }) => [pivot, target, line, source])).toEqual([
      ['Salt & water', 'नमक और पानी', 5, 'a'],
      ['One', 'एक', 5, 'a'],
      ['Two < three', 'दो\nतीन', 6, 'a'],
    ]);
    expect(report.layout[0]).toContain('English and Hindi of EN-US, hi_IN, hin, fr, en');
  });

  it('strips inline tags, and the formatting code within them', async () => {
    const body = unit(
      'Press <bpt i="1">&lt;b&gt;</bpt><hi type="x">the <ph/>red</hi><ept i="1">&lt;/b&gt;</ept> button',
      'लाल<it pos="begin">{\\i}</it> बटन <ut>x</ut>दबाएँ',
    );
    const { pairs } = await readBitext(folder.write('b.tmx', tmx(body)), hi);
    expect(pairs).toMatchObject([{ pivot: 'Press the red button', target: 'लाल बटन दबाएँ' }]);
  });

  it('passes over comments, also around and inside units', async () => {
    const body = `<!-- ${unit('no', 'नहीं')} -->
<!-- <tu>
<tuv> --> ${unit('yes<!-- </tu> -->', 'हाँ')}`;
    const { pairs, report } = await readBitext(folder.write('c.tmx', tmx(body)), hi);
    expect(pairs).toMatchObject([{ pivot: 'yes', target: 'हाँ', line: 7 }]);
    expect(report.read).toBe(1);
  });

  it('reads gzip, and TMX without a telling name', async () => {
    const bytes = gzipSync(tmx(unit('One', 'एक')));
    expect((await readBitext(folder.write('d.tmx.gz', bytes), hi)).pairs).toHaveLength(1);
    expect((await readBitext(folder.write('memory', bytes), hi)).pairs).toHaveLength(1);
  });

  it('counts units that lack a language, and stops there when strict', async () => {
    const body = `${unit('One', 'एक')}\n<tu><tuv xml:lang="en"><seg>Two</seg></tuv></tu>\n<tu></tu>`;
    const path = folder.write('e.tmx', tmx(body));
    const { report } = await readBitext(path, hi);
    expect(report).toMatchObject({ read: 3, kept: 1, skipped: { side: { count: 2 } } });
    expect(await refusal(() => readBitext(path, { ...hi, strict: true }))).toMatchObject({
      code: 'COLUMN_MISSING',
      line: 6,
    });
  });

  it('names the languages found when the one asked for is not there', async () => {
    const error = await refusal(() =>
      readBitext(folder.write('f.tmx', tmx(unit('One', 'एक'))), { language: 'sw' }),
    );
    expect(error.code).toBe('BITEXT_EMPTY');
    expect(error.hint).toContain('EN-US, hi_IN');
  });

  it.each([
    ['<tu><tuv xml:lang="en"><seg>One</tuv></tu>', 'LINE_FORMAT', 5],
    [`${unit('One', 'एक')}\n<tu><tuv>`, 'LINE_FORMAT', 6],
    ['<tu>\n<tu></tu>', 'LINE_FORMAT', 5],
  ])('refuses the broken unit %j', async (body, code, line) => {
    expect(await refusal(() => readBitext(folder.write('g.tmx', tmx(body)), hi))).toMatchObject({
      code,
      line,
    });
  });

  it('refuses what is no TMX, and does not expand declared entities', async () => {
    expect((await refusal(() => readBitext(folder.write('h.tmx', '<html></html>'), hi))).code).toBe(
      'FILE_FORMAT',
    );
    const declared = tmx(unit('&big;', 'एक')).replace('SYSTEM "tmx14.dtd"', '[<!ENTITY big "bigbig">]');
    expect((await readBitext(folder.write('i.tmx', declared), hi)).pairs[0].pivot).toBe('&big;');
  });
});
