/** The part of a heap snapshot that is read. */
interface Snapshot {
  readonly snapshot: {
    readonly meta: { readonly node_fields: readonly string[]; readonly node_types: readonly unknown[] };
  };
  readonly nodes: readonly number[];
  readonly strings: readonly string[];
}

/** Counts the living objects of classes in a heap snapshot of V8. @param names the names of the classes. */
export function countObjects(snapshot: string, names: readonly string[]): Record<string, number> {
  const { snapshot: head, nodes, strings } = JSON.parse(snapshot) as Snapshot;
  const { node_fields: fields, node_types: types } = head.meta;
  const typeNames = types[0] as readonly string[];
  const [typeAt, nameAt] = [fields.indexOf('type'), fields.indexOf('name')];
  const counts = new Map(names.map((name) => [strings.indexOf(name), 0]));
  for (let at = 0; at < nodes.length; at += fields.length) {
    const name = nodes[at + nameAt] ?? -1;
    const count = counts.get(name);
    if (count !== undefined && typeNames[nodes[at + typeAt] ?? -1] === 'object') counts.set(name, count + 1);
  }
  return Object.fromEntries(names.map((name) => [name, counts.get(strings.indexOf(name)) ?? 0]));
}
