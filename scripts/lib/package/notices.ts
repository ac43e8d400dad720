import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';
import { root } from '../../begin/paths.mjs';

function licenceText(folder: string): string | null {
  const file = readdirSync(folder).find((name) => /^(licen[cs]e|copying)(\.(md|txt))?$/i.test(name));
  return file ? readFileSync(join(folder, file), 'utf8').trim() : null;
}

/** The folders of the npm packages that a build took code from. */
export function bundledPackages(metafiles: readonly Metafile[]): string[] {
  const folders = new Set<string>();
  for (const { inputs } of metafiles) {
    for (const path of Object.keys(inputs)) {
      const match = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path.replaceAll('\\', '/'));
      if (match?.[1] !== undefined) folders.add(join(root, match[1]));
    }
  }
  return [...folders].filter((folder) => existsSync(join(folder, 'package.json'))).toSorted();
}

/**
 * Names every package whose code is shipped, with its licence.
 * @param folders the packages' folders.
 */
export function thirdPartyNotices(folders: readonly string[]): string {
  const parts = folders.map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<
      'name' | 'version' | 'license',
      string
    >;
    const text = licenceText(folder) ?? `Licence: ${license}. Its text is not part of the package.`;
    return { name, part: `${name} ${version} (${license})\n${'-'.repeat(72)}\n${text}` };
  });
  const sorted = parts.toSorted((a, b) => (a.name < b.name ? -1 : 1)).map(({ part }) => part);
  return `This extension contains code of the following packages.\n\n${sorted.join('\n\n\n')}\n`;
}
