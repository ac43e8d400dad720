import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { sampleCommand } from './sample.ts';

let root: string;
let printed: string[];

beforeEach(async () => {
  root = await mkdtemp(path.join(os.tmpdir(), 'sample-command-'));
  printed = [];
});

afterEach(() => rm(root, { recursive: true, force: true }));

const print = (text: string): void => void printed.push(text);

function run(flags: Record<string, string>): Promise<number> {
  return sampleCommand.run(flags, [], { print, note: print, signal: new AbortController().signal });
}

describe('sample', () => {
  test('prints progress and counts, and only the folder when the sample is already complete', async () => {
    expect(await run({ out: root, images: '2' })).toBe(0);
    expect(printed).toContain('100 %  Sample project: 3 of 3 images');
    expect(printed.filter((line) => /^(labelled|pool|validation) +1 images, /.test(line))).toHaveLength(3);
    expect(printed.at(-1)).toBe(`Sample project is ready in ${root}`);

    printed = [];
    expect(await run({ out: root, images: '2' })).toBe(0);
    expect(printed).toEqual([`Sample project is ready in ${root}`]);
  }, 300_000);

  test.each([{ images: 'many' }, { seed: '-1' }, { images: '1' }])('refuses %j', async (flags) => {
    const [name] = Object.keys(flags);
    await expect(run({ out: root, ...flags })).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringMatching(`^--${name} must be a whole number of at least \\d, not "`),
    });
  });
});
