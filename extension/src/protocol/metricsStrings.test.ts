import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { metricsStrings } from './metricsStrings.ts';

const page = join(import.meta.dirname, '../../../webview/src/metrics');

function sources(folder: string): string {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((one) => one.isFile() && /\.tsx?$/.test(one.name) && !one.name.includes('.test.'))
    .map((one) => readFileSync(join(one.parentPath, one.name), 'utf8'))
    .join('\n');
}

describe('the texts of the metrics panel', () => {
  it('are all used, and each stands only once in the list', () => {
    const text = sources(page);
    expect(metricsStrings.filter((one) => !text.includes(`'${one}'`))).toEqual([]);
    expect(new Set(metricsStrings).size).toBe(metricsStrings.length);
  });
});
