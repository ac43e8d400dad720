/** Whether item `a` comes out before item `b`; must be a total order. */
export type ComesBefore = (a: number, b: number) => boolean;

/** A binary heap of indexes; the first in the order is on top. */
export class IndexHeap {
  readonly #items: number[];
  readonly #before: ComesBefore;

  /** Takes O(n) for n initial items. */
  constructor(before: ComesBefore, items: readonly number[] = []) {
    this.#before = before;
    this.#items = [...items];
    for (let at = (this.#items.length >> 1) - 1; at >= 0; at--) this.#sink(this.#items[at] ?? 0, at);
  }

  get size(): number {
    return this.#items.length;
  }

  peek(): number | undefined {
    return this.#items[0];
  }

  push(item: number): void {
    const items = this.#items;
    let at = items.length;
    items.push(item);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const other = items[parent] as number;
      if (!this.#before(item, other)) break;
      items[at] = other;
      at = parent;
    }
    items[at] = item;
  }

  pop(): number | undefined {
    const top = this.#items[0];
    const last = this.#items.pop();
    if (last !== undefined && this.#items.length > 0) this.#sink(last, 0);
    return top;
  }

  /** Equals `pop` and `push`, in one pass. */
  replaceTop(item: number): void {
    this.#sink(item, 0);
  }

  /** The items in no particular order. */
  items(): readonly number[] {
    return this.#items;
  }

  #sink(item: number, from: number): void {
    const items = this.#items;
    let at = from;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= items.length) break;
      if (child + 1 < items.length && this.#before(items[child + 1] as number, items[child] as number)) child++;
      const other = items[child] as number;
      if (!this.#before(other, item)) break;
      items[at] = other;
      at = child;
    }
    items[at] = item;
  }
}
