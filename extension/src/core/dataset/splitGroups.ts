/** What decides whether images must stay on one side of a split. */
export interface Groupable {
  readonly group: string | null;
  readonly contentHash?: string | null;
}

/** The keys of an item: two items with a common key belong together. */
export function groupKeys({ group, contentHash }: Groupable): string[] {
  return [...(group === null ? [] : [`group:${group}`]), ...(contentHash ? [`hash:${contentHash}`] : [])];
}

/** Joins items that share a group or a content hash, directly or through others (union-find); keeps their order. */
export function groupItems<Item extends Groupable>(items: readonly Item[]): Item[][] {
  const parents = items.map((_, index) => index);
  const rootOf = (index: number): number => {
    let at = index;
    while (parents[at] !== at) {
      const next = parents[at] ?? at;
      parents[at] = parents[next] ?? next;
      at = next;
    }
    return at;
  };
  const firstWith = new Map<string, number>();
  for (const [index, item] of items.entries()) {
    for (const key of groupKeys(item)) {
      const first = firstWith.get(key);
      if (first === undefined) firstWith.set(key, index);
      else parents[rootOf(index)] = rootOf(first);
    }
  }
  const groups = new Map<number, Item[]>();
  for (const [index, item] of items.entries()) {
    const root = rootOf(index);
    const members = groups.get(root);
    if (members) members.push(item);
    else groups.set(root, [item]);
  }
  return [...groups.values()];
}
