import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { installInputs, stamp } from './stamp.ts';

const root = join(import.meta.dirname, '..', '..');

describe('what decides the installation', () => {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<string, object>;
  const inputs = (change: object): string => installInputs(JSON.stringify({ ...manifest, ...change }));

  it('is not what the extension contributes, nor scripts or versions', () => {
    expect(inputs({ contributes: {}, scripts: {}, version: '9.9.9', description: 'x' })).toBe(inputs({}));
  });

  it.each(['dependencies', 'devDependencies', 'overrides', 'allowScripts', 'engines'])('is %s', (field) => {
    expect(inputs({ [field]: { ...manifest[field], other: '1.0.0' } })).not.toBe(inputs({}));
  });
});

describe('a stamp', () => {
  it('is fresh once it was set, until a text changes or moves to the next', () => {
    const folder = mkdtempSync(join(tmpdir(), 'al-stamp-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = join(folder, 'inner', 'stamp');
    expect(stamp(file, ['ab', 'c']).isFresh()).toBe(false);
    stamp(file, ['ab', 'c']).set();
    expect(stamp(file, ['ab', 'c']).isFresh()).toBe(true);
    expect(stamp(file, ['ab', 'd']).isFresh()).toBe(false);
    expect(stamp(file, ['a', 'bc']).isFresh()).toBe(false);
  });
});
