import { createRequire } from 'node:module';
import { proseOf } from './extract.ts';
import { terms, words } from './words.ts';

interface Suggestion {
  readonly index: number;
  readonly reason: string;
}
type WriteGood = (text: string, options: object) => Suggestion[];

// CommonJS without types.
const writeGood = createRequire(import.meta.url)('write-good') as WriteGood;

/** Its rules against the passive, adverbs and hedges have too many false alarms for technical texts. */
const options = {
  passive: false,
  adverb: false,
  weasel: false,
  thereIs: false,
  so: false,
  eprime: false,
  whitelist: terms,
};

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
  return [...own, ...writeGood(prose.replaceAll('\n', ' '), options)]
    .toSorted((a, b) => a.index - b.index)
    .map(({ index, reason }) => ({ line: prose.slice(0, index).split('\n').length, message: reason }));
}
