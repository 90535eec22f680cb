/** A tree of tokens by their code units, to find those that begin at a place of a text. */

interface Node {
  readonly next: Map<number, Node>;
  /** The id of the token that ends here; -1 where none does. */
  id: number;
}

/** Up to this many beginnings, looking for each by itself is faster than an expression. */
const FEW = 4;

const newNode = (): Node => ({ next: new Map(), id: -1 });

export class TokenTree {
  private readonly root = newNode();
  /** Code units that tokens begin with, as a class; made when it is asked for. */
  private beginnings: RegExp | undefined;

  /** Of a token that comes twice, the last id holds. */
  add(token: string, id: number): void {
    this.beginnings = undefined;
    let node = this.root;
    for (let at = 0; at < token.length; at++) {
      const unit = token.charCodeAt(at);
      let next = node.next.get(unit);
      if (next === undefined) {
        next = newNode();
        node.next.set(unit, next);
      }
      node = next;
    }
    node.id = id;
  }

  /** Hears of every token that begins at `start`, the shortest first: its id, and where it ends. */
  visit(text: string, start: number, found: (id: number, end: number) => void): void {
    let node: Node | undefined = this.root;
    for (let at = start; at < text.length; at++) {
      node = node.next.get(text.charCodeAt(at));
      if (node === undefined) return;
      if (node.id >= 0) found(node.id, at + 1);
    }
  }

  /** Whether the text holds a token. */
  holdsOne(text: string): boolean {
    const { next } = this.root;
    if (next.size <= FEW) {
      let begins = false;
      for (const unit of next.keys()) begins ||= text.includes(String.fromCharCode(unit));
      if (!begins) return false;
    }
    return this.search(text, 0) !== undefined;
  }

  /** The longest token at the first place from `from` on where one begins. */
  search(
    text: string,
    from: number,
  ): { readonly id: number; readonly start: number; readonly end: number } | undefined {
    this.beginnings ??= beginningsOf(this.root.next.keys());
    const { beginnings } = this;
    for (let start = from; ; start++) {
      beginnings.lastIndex = start;
      const match = beginnings.exec(text);
      if (match === null) return undefined;
      start = match.index;
      let best = -1;
      let last = start;
      this.visit(text, start, (id, end) => {
        best = id;
        last = end;
      });
      if (best >= 0) return { id: best, start, end: last };
    }
  }
}

/** A global expression for one of some code units. */
function beginningsOf(units: Iterable<number>): RegExp {
  const escapes = Array.from(units, (unit) => `\\u${unit.toString(16).padStart(4, '0')}`);
  return new RegExp(escapes.length > 0 ? `[${escapes.join('')}]` : '(?!)', 'g');
}
