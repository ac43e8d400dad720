import { describe, expect, it } from 'vitest';
import { metricsStrings } from './metricsStrings.ts';
import { stringLiterals } from './testing/stringLiterals.ts';

describe('the texts of the metrics panel', () => {
  it('are all used, and each stands only once in the list', () => {
    const used = stringLiterals('webview/src/metrics');
    expect(metricsStrings.filter((one) => !used.has(one))).toEqual([]);
    expect(new Set(metricsStrings).size).toBe(metricsStrings.length);
  });
});
