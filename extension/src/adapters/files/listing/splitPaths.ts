import { stat } from 'node:fs/promises';
import { dirname, isAbsolute, resolve, sep } from 'node:path';
import type { DataYaml } from '../../../core/dataset/dataYaml.ts';
import type { DatasetProblem } from '../../../core/dataset/types.ts';

/** `other`: a pipe, a device or a socket. */
export type PathKind = 'folder' | 'file' | 'other' | 'missing';

/** The kind of file at a path. Follows links. */
export async function kindOf(path: string): Promise<PathKind> {
  try {
    const facts = await stat(path);
    if (facts.isDirectory()) return 'folder';
    return facts.isFile() ? 'file' : 'other';
  } catch {
    return 'missing';
  }
}

/**
 * An entry of a description as an absolute path. Tries it as written, in another Unicode normalisation (macOS decomposes
 * names), and, except on Windows, with slashes for backslashes. Returns it as written if none exists.
 */
export async function resolveExisting(base: string, entry: string): Promise<string> {
  const forms = [entry, entry.normalize('NFC'), entry.normalize('NFD')];
  if (sep === '/') forms.push(entry.replaceAll('\\', '/'));
  const paths = new Set(forms.map((form) => resolve(base, form)));
  for (const path of paths) {
    if ((await kindOf(path)) !== 'missing') return path;
  }
  return resolve(base, entry);
}

/**
 * The base folder of the splits in a `data.yaml`: its `path`, relative to the folder of the file, otherwise that folder.
 * If `path` does not exist (written for another machine, or for Ultralytics' data folder), also uses the folder of the
 * file and reports a problem.
 */
export async function baseFolder(
  yaml: DataYaml,
  yamlPath: string,
): Promise<{ base: string; problems: readonly DatasetProblem[] }> {
  const own = dirname(resolve(yamlPath));
  if (yaml.path === null) return { base: own, problems: [] };
  const base = await resolveExisting(own, yaml.path);
  if ((await kindOf(base)) === 'folder') return { base, problems: [] };
  return {
    base: own,
    problems: [
      {
        severity: 'warning',
        code: 'path-missing',
        message: `The "path" of ${yamlPath} is "${yaml.path}", but there is no folder ${base}; the folder of data.yaml is taken instead.`,
        hint: 'Correct "path", or remove it if the images lie beside data.yaml.',
        file: yamlPath,
      },
    ],
  };
}

/** An entry of a split as an absolute path. Retries a missing `../` path without that prefix (Roboflow's layout). */
export async function resolveSplitEntry(entry: string, base: string): Promise<{ path: string; kind: PathKind }> {
  const path = await resolveExisting(base, entry);
  const kind = await kindOf(path);
  if (kind !== 'missing' || isAbsolute(entry) || !/^\.\.[\\/]/u.test(entry)) return { path, kind };
  const retried = await resolveExisting(base, entry.slice(3));
  const retriedKind = await kindOf(retried);
  return retriedKind === 'missing' ? { path, kind } : { path: retried, kind: retriedKind };
}

/** A hint about the likely mistake in a missing path; empty if there is none. */
export function missingPathHint(entry: string): string {
  if (sep === '/' && /^(?:[A-Za-z]:[\\/]|\\\\)/u.test(entry)) {
    return 'It is a path of Windows; write where the folder is on this system.';
  }
  if (/^~(?:[\\/]|$)|^\$|%\w+%|\$\{/u.test(entry))
    return 'Neither "~" nor variables are replaced; write the whole path.';
  if (entry.includes('\uFFFD')) return 'It holds a replacement character: the file was saved in a wrong encoding once.';
  if (/[^\u0020-\u007E]/u.test(entry)) {
    return 'If the name on disk is in another encoding, convert it to UTF-8 with convmv.';
  }
  return '';
}
