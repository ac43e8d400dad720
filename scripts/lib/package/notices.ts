import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../paths.mjs';

function licenceText(folder) {
  const file = readdirSync(folder).find((name) => /^(licen[cs]e|copying)(\.(md|txt))?$/i.test(name));
  return file ? readFileSync(join(folder, file), 'utf8').trim() : null;
}

/** The folders of the npm packages that a build took code from. */
export function bundledPackages(metafiles) {
  const folders = new Set();
  for (const { inputs } of metafiles) {
    for (const path of Object.keys(inputs)) {
      const match = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path.replaceAll('\\', '/'));
      if (match) folders.add(join(root, match[1]));
    }
  }
  return [...folders].filter((folder) => existsSync(join(folder, 'package.json'))).toSorted();
}

/**
 * Names every package whose code is shipped, with its licence.
 * @param folders the packages' folders.
 */
export function thirdPartyNotices(folders) {
  const parts = folders.map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const text = licenceText(folder) ?? `Licence: ${license}. Its text is not part of the package.`;
    return { name, part: `${name} ${version} (${license})\n${'-'.repeat(72)}\n${text}` };
  });
  const sorted = parts.toSorted((a, b) => (a.name < b.name ? -1 : 1)).map(({ part }) => part);
  return `This extension contains code of the following packages.\n\n${sorted.join('\n\n\n')}\n`;
}
