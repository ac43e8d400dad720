import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

/** Every file of a folder with its mode and content, links as they are; folders whose names do not count are left out. */
export function digest(folder: string, leaveOut: RegExp = /^$/u): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  const look = (below: string): void => {
    for (const name of readdirSync(join(folder, below)).toSorted()) {
      const at = below === '' ? name : `${below}/${name}`;
      if (leaveOut.test(at)) continue;
      const facts = lstatSync(join(folder, at));
      found[at] = `${facts.mode.toString(8)} ${contentOf(join(folder, at), facts)}`;
      if (facts.isDirectory()) look(at);
    }
  };
  look('');
  return found;
}

function contentOf(path: string, facts: ReturnType<typeof lstatSync>): string {
  if (facts?.isSymbolicLink()) return `link to ${readlinkSync(path)}`;
  if (facts?.isFile()) return createHash('sha256').update(readFileSync(path)).digest('hex');
  return facts?.isDirectory() ? 'folder' : 'special';
}
