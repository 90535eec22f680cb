/** A tree of tokens by their code units, to find those that begin at a place of a text. */

interface Node {
  readonly next: Map<number, Node>;
  /** The id of the token that ends here; -1 where none does. */
  id: number;
}

const newNode = (): Node => ({ next: new Map(), id: -1 });

export class TokenTree {
  private readonly root = newNode();

  /** Of a token that comes twice, the last id holds. */
  add(token: string, id: number): void {
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

  /** The longest token at the first place from `from` on where one begins. */
  search(
    text: string,
    from: number,
  ): { readonly id: number; readonly start: number; readonly end: number } | undefined {
    const { next } = this.root;
    for (let start = from; start < text.length; start++) {
      if (!next.has(text.charCodeAt(start))) continue;
      let best = -1;
      let last = start;
      this.visit(text, start, (id, end) => {
        best = id;
        last = end;
      });
      if (best >= 0) return { id: best, start, end: last };
    }
    return undefined;
  }
}
