import { proseOf } from './extract.ts';
import { words } from './words.ts';

export interface Finding {
  /** From 1. */
  readonly line: number;
  readonly message: string;
}

/**
 * What is not plain English in a file, in the order of its lines.
 * @param name decides what of the text is prose.
 */
export function checkProse(name: string, text: string): Finding[] {
  const prose = proseOf(name, text);
  if (prose === null) return [];
  const own = words.flatMap(({ pattern, instead }) =>
    [...prose.matchAll(pattern)].map(({ index, 0: word }) => ({ index, reason: `"${word}": write ${instead}` })),
  );
  return own
    .toSorted((a, b) => a.index - b.index)
    .map(({ index, reason }) => ({ line: prose.slice(0, index).split('\n').length, message: reason }));
}
