/** Number of differences that a message lists. */
const mostTold = 20;

/** A class id whose name differs. `to` is `null` when the id is gone, `from` when it is new. */
export interface ClassNameDifference {
  readonly id: number;
  readonly from: string | null;
  readonly to: string | null;
}

/**
 * How the class names differ from the snapshot. `appended` and `renamed` keep the meaning of every label file;
 * `reordered` (an old name moved to another id) and `removed` (there are fewer) change it and must be refused.
 */
export interface ClassNameChange {
  readonly kind: 'same' | 'appended' | 'renamed' | 'reordered' | 'removed';
  readonly differences: readonly ClassNameDifference[];
  readonly message: string;
  readonly hint: string;
}

/**
 * Compares the class names of a session with those that the dataset has now.
 * A new name at an existing id is a rename; an existing name at another id is a reorder, even if names changed as well.
 */
export function compareClassNames(snapshot: readonly string[], current: readonly string[]): ClassNameChange {
  const differences: ClassNameDifference[] = [];
  for (let id = 0; id < Math.max(snapshot.length, current.length); id++) {
    const [from, to] = [snapshot[id] ?? null, current[id] ?? null];
    if (from !== to) differences.push({ id, from, to });
  }
  if (differences.length === 0)
    return { kind: 'same', differences, message: 'The class names are unchanged.', hint: '' };
  const told = differences.slice(0, mostTold).map(describe);
  if (differences.length > told.length) told.push(`and ${differences.length - told.length} more`);
  const words = told.join('; ');
  if (current.length < snapshot.length) {
    const there = new Set(current);
    const gone = snapshot.filter((name) => !there.has(name)).slice(0, mostTold);
    const which = gone.length > 0 ? ` (${gone.map((name) => `"${name}"`).join(', ')})` : '';
    return {
      kind: 'removed',
      differences,
      message: `The dataset has ${current.length} classes now and had ${snapshot.length}: names were removed${which}. Labels would mean something else: ${words}.`,
      hint: 'Put the names back in their old order. A class that is no longer used may keep its name.',
    };
  }
  // Names that replaced another one. If an old name is among them, it has moved.
  const arrived = new Set(current.filter((name, id) => snapshot[id] !== name));
  const old = new Set(snapshot);
  const moved = differences.some(({ from, to }) => from !== null && to !== null && (arrived.has(from) || old.has(to)));
  if (moved) {
    return {
      kind: 'reordered',
      differences,
      message: `The class names were reordered, so that existing labels would mean something else: ${words}.`,
      hint: 'Put the names back in their old order and append new ones at the end. To reorder on purpose, rewrite the label files too and start a new session.',
    };
  }
  const renamed = differences.filter(({ from }) => from !== null);
  if (renamed.length === 0) {
    return { kind: 'appended', differences, message: `Classes were appended: ${words}.`, hint: '' };
  }
  return {
    kind: 'renamed',
    differences,
    message: `Classes were renamed: ${words}.`,
    hint: 'If the new name means another thing, put the old one back and append the new one at the end.',
  };
}

function describe({ id, from, to }: ClassNameDifference): string {
  if (from === null) return `${id} is new: "${to}"`;
  if (to === null) return `${id} was "${from}" and is gone`;
  return `${id} was "${from}" and is "${to}"`;
}
