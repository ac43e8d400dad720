import { createVSIX } from '@vscode/vsce';
import { mkdirSync, mkdtempSync, renameSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { filesBelow } from '../files.ts';
import { fillStage } from './stage.ts';
import { readZip, type ZipEntry } from './zip.ts';

/** The largest package, in bytes: 40 MB. */
export const sizeLimit = 40_000_000;

/** Files that vsce writes itself, and the two that it names in its own way. */
const ofVsce = new Set(['extension.vsixmanifest', '[Content_Types].xml']);
const renamed = new Map([
  ['extension/readme.md', 'extension/README.md'],
  ['extension/changelog.md', 'extension/CHANGELOG.md'],
  ['extension/LICENSE.txt', 'extension/LICENSE'],
]);

function shippedNames(entries: readonly ZipEntry[]): string[] {
  return entries.filter(({ name }) => !ofVsce.has(name)).map(({ name }) => renamed.get(name) ?? name);
}

/** Neither more nor less than what was staged: the allowlist and the staging must not drift apart. */
function checkContents(stage: string, entries: readonly ZipEntry[]): void {
  const staged = filesBelow(stage)
    .filter((file) => file !== '.vscodeignore')
    .map((file) => `extension/${file}`);
  const packed = new Set(shippedNames(entries));
  const lost = staged.filter((file) => !packed.has(file));
  const added = [...packed].filter((file) => !staged.includes(file));
  if (lost.length > 0) throw new Error(`.vscodeignore keeps these files out of the package: ${lost.join(', ')}`);
  if (added.length > 0) throw new Error(`The package holds what was not staged: ${added.join(', ')}`);
}

interface PackOptions {
  /** A key of `targets`. */
  readonly target: string;
  /** Where the VSIX goes. */
  readonly file: string;
  /** Marks it for the Marketplace's pre-release channel. */
  readonly preRelease?: boolean;
}

interface Packed {
  readonly path: string;
  readonly entries: readonly ZipEntry[];
  /** In bytes. */
  readonly size: number;
}

/**
 * Builds the extension and packs it for one target.
 * @throws Error when a file is missing, superfluous, or the package is too large.
 */
export async function packVsix({ target, file, preRelease = false }: PackOptions): Promise<Packed> {
  const stage = mkdtempSync(join(tmpdir(), 'al-package-'));
  const path = resolve(file);
  // Beside its place until it is whole and checked: two commands may pack the same at once.
  const packed = `${path.replace(/\.vsix$/, '')}-packing-${process.pid}.vsix`;
  try {
    await fillStage(stage, target);
    mkdirSync(dirname(path), { recursive: true });
    await createVSIX({
      cwd: stage,
      packagePath: packed,
      target,
      preRelease,
      dependencies: false,
      allowMissingRepository: true,
      rewriteRelativeLinks: false,
    });
    const entries = await readZip(packed);
    checkContents(stage, entries);
    const { size } = statSync(packed);
    if (size > sizeLimit) {
      throw new Error(`The package for ${target} has ${size} bytes; ${sizeLimit} is the limit.`);
    }
    renameSync(packed, path);
    return { path, entries, size };
  } finally {
    rmSync(packed, { force: true });
    rmSync(stage, { recursive: true, force: true });
  }
}
