/** The references in `docs/` list exactly what the code has. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ERROR_CODES } from '../src/errors.ts';
import * as refractPackage from '../src/index.ts';
import { refract } from './command-line.ts';

const read = (name: string) => readFileSync(new URL(`../docs/${name}`, import.meta.url), 'utf8');

describe('docs/errors.md', () => {
  it('has one heading for each error code, in their order', () => {
    const headings = [...read('errors.md').matchAll(/^## (.+)$/gm)].map(([, code]) => code);
    expect(headings).toEqual(Object.keys(ERROR_CODES));
  });
});

describe('docs/commands.md', async () => {
  const help = (await refract(['--help'])).out;
  const commands = [...help.matchAll(/^ {2}([a-z]+(?:-[a-z]+)*) /gm)]
    .map(([, name]) => name)
    .filter((n) => n !== 'help');
  const sections = new Map(
    read('commands.md')
      .split(/^## refract /m)
      .slice(1)
      .map((section) => [section.split('\n')[0], section]),
  );

  it('has one section for each command', () => {
    expect([...sections.keys()].sort()).toEqual([...commands].sort());
  });

  it.each(commands)('names functions of %s that the package exports', (name) => {
    const [, list] = /^Functions?: (.+)$/m.exec(sections.get(name) ?? '') ?? [];
    const names = [...(list ?? '').matchAll(/`(\w+)/g)].map(([, each]) => each);
    expect(names.length).toBeGreaterThan(0);
    expect(Object.keys(refractPackage)).toEqual(expect.arrayContaining(names));
  });

  it.each(commands)('lists every option of %s', async (name) => {
    const { out } = await refract([name, '--help']);
    const inner = [...(out.split(/^Commands:$/m)[1] ?? '').matchAll(/^ {2}([a-z]+) \[options\]/gm)];
    let listed = 0;
    for (const path of inner.length > 0 ? inner.map(([, each]) => [name, each]) : [[name]]) {
      const { out: help } = await refract([...path, '--help']);
      const options = [...help.matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm)].map(([, option]) => option);
      listed += options.length;
      // `plan teach` has the options of `teach`, which its section names.
      const where = path.map((each) => sections.get(each) ?? '').join();
      const undocumented = options.filter((option) => !where.includes(option));
      expect(undocumented.filter((option) => option !== '--help')).toEqual([]);
    }
    expect(listed).toBeGreaterThan(1);
  });
});
