/**
 * Tokens as a reader should see them: without the marks of word starts and continuations, and with the byte
 * tokens of one character named by that character instead of `<0xE0>`.
 */

/** `<0xE0>`, one byte of UTF-8. */
const BYTE_TOKEN = /^<0x([0-9A-Fa-f]{2})>$/;
/** The longest character of UTF-8. */
const LONGEST_CHARACTER = 4;

/**
 * One label a token. The bytes of a character are labelled with it and their number: `ẹ 1/3`, `ẹ 2/3`, `ẹ 3/3`;
 * a byte that belongs to no whole character stays as it is. A token that is nothing but the mark of a word
 * start becomes `␣`.
 *
 * @example tokenLabels(['[CLS]', '▁maji', '<0xC3>', '<0xA9>', '##ing']) // ['[CLS]', 'maji', 'é 1/2', 'é 2/2', 'ing']
 */
export function tokenLabels(tokens: readonly string[]): string[] {
  const labels: string[] = [];
  for (let i = 0; i < tokens.length; ) {
    const character = characterAt(tokens, i);
    if (character === undefined) {
      labels.push(readable(tokens[i]));
      i++;
    } else {
      const { text, length } = character;
      for (let part = 1; part <= length; part++)
        labels.push(length === 1 ? text : `${text} ${part}/${length}`);
      i += length;
    }
  }
  return labels;
}

/** The character whose bytes begin at token `i`, if they do. */
function characterAt(tokens: readonly string[], i: number): { text: string; length: number } | undefined {
  const bytes: number[] = [];
  for (const token of tokens.slice(i, i + LONGEST_CHARACTER)) {
    const match = BYTE_TOKEN.exec(token);
    if (match === null) break;
    bytes.push(Number.parseInt(match[1], 16));
  }
  const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  for (let length = 1; length <= bytes.length; length++) {
    try {
      return { text: strict.decode(Uint8Array.from(bytes.slice(0, length))), length };
    } catch {
      // not a whole character yet
    }
  }
  return undefined;
}

function readable(token: string): string {
  if (BYTE_TOKEN.test(token)) return token;
  const text = token.replace(/^##(?=.)/su, '').replace(/^[▁Ġ]+/u, '');
  return text === '' ? '␣' : text;
}
