import { basename, dirname, resolve } from 'node:path';

/** A folder of images that is measured as one set. */
export interface ImageSet {
  /** The key of its figures. */
  readonly name: string;
  /** Absolute path. */
  readonly folder: string;
}

/**
 * Names sets after their folders: by the last part of the path, and by as many more as it takes to distinguish them from each
 * other and from `reserved`, the other keys of the figures.
 * @throws Error when a folder is given twice.
 */
export function imageSets(folders: readonly string[], reserved: readonly string[]): readonly ImageSet[] {
  const paths = folders.map((folder) => resolve(folder));
  const twice = paths.find((path, index) => paths.indexOf(path) !== index);
  if (twice !== undefined) throw new Error(`The folder ${twice} is given twice; name every set of images once.`);
  const parts = paths.map(() => 1);
  for (;;) {
    const names = paths.map((path, index) => lastParts(path, parts[index] ?? 1));
    const clashing = names.map((name) => reserved.includes(name) || names.filter((other) => other === name).length > 1);
    const longer = clashing.map((clashes, index) => clashes && lastParts(paths[index] ?? '', (parts[index] ?? 1) + 1));
    if (longer.every((name, index) => name === false || name === names[index])) {
      return paths.map((folder, index) => ({ name: clashing[index] ? folder : (names[index] ?? folder), folder }));
    }
    for (const [index, name] of longer.entries()) if (name !== false) parts[index] = (parts[index] ?? 1) + 1;
  }
}

function lastParts(path: string, count: number): string {
  let name = basename(path);
  let above = dirname(path);
  for (let n = 1; n < count && above !== dirname(above); n++) {
    name = `${basename(above)}/${name}`;
    above = dirname(above);
  }
  return name;
}
