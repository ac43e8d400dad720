import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** What `npm ci` reads of package.json; commands, menus and texts of the extension change nothing that is installed. */
const installFields = [
  'dependencies',
  'devDependencies',
  'optionalDependencies',
  'peerDependencies',
  'overrides',
  'allowScripts',
  'engines',
];

/** The part of a package.json, given as text, that decides what npm installs, as text. */
export function installInputs(manifest: string): string {
  const fields = JSON.parse(manifest) as Record<string, unknown>;
  return JSON.stringify(installFields.map((name) => [name, fields[name] ?? null]));
}

/** Remembers what a step was done for. */
export interface Stamp {
  isFresh(): boolean;
  clear(): void;
  set(): void;
}

/**
 * A step is skipped when the texts that it depends on are the same as when it last succeeded.
 * @param file remembers them.
 */
export function stamp(file: string, texts: readonly string[]): Stamp {
  const hash = createHash('sha256');
  // Each with its length, so that what moves from one text to the next counts as a change.
  for (const text of texts) hash.update(`${text.length}\n`).update(text);
  const value = hash.digest('hex');
  return {
    isFresh: () => existsSync(file) && readFileSync(file, 'utf8') === value,
    clear: () => rmSync(file, { force: true }),
    set() {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, value);
    },
  };
}
