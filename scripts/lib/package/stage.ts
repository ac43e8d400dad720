import { build, type Metafile } from 'esbuild';
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { extensionBuild, nodeBuild } from '../build.ts';
import { root } from '../../begin/paths.mjs';
import { webviewBuild } from '../webviewBuild.ts';
import { extensionPage } from './extensionPage.ts';
import { packageFolder } from './fetchPackage.ts';
import { shippedManifest } from './manifest.ts';
import { nativePackages } from './natives.ts';
import { bundledPackages, thirdPartyNotices } from './notices.ts';
import { selectFiles } from './patterns.ts';

/** Files that are shipped as they are, by folder. The icon's source stays behind; so do the page's pictures. */
const assets: Readonly<Record<string, readonly string[]>> = {
  media: ['activity.svg', 'icon.png', 'panels/*', 'walkthrough/*'],
  l10n: ['bundle.l10n*.json'],
  'trainer/al_trainer': ['**.py'],
  trainer: ['requirements.txt'],
  'extension/plugin': ['metric.d.ts', 'example.mjs'],
};

/** Names of functions stay in the bundles, so that the stack traces in a user's log can be read. */
const shipped = { sourcemap: false, minifySyntax: true, minifyWhitespace: true, minifyIdentifiers: false };

async function buildInto(stage: string): Promise<Metafile[]> {
  const builds = [
    { ...nodeBuild(), ...shipped, outdir: join(stage, 'dist') },
    { ...extensionBuild(), ...shipped, outdir: join(stage, 'dist') },
    { ...webviewBuild(), sourcemap: false, outdir: join(stage, 'dist', 'webview') },
  ];
  const results = await Promise.all(builds.map((options) => build({ ...options, metafile: true })));
  return results.map(({ metafile }) => metafile);
}

function copy(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  cpSync(from, to);
}

/**
 * Fills a folder with what a package for the target ships, and nothing else. The natives lie in dist/node_modules, where Node looks first
 * from every bundle; vsce leaves a node_modules at the root out.
 * @param stage an empty folder.
 * @throws PackageUnavailable when a native part of another platform cannot be fetched.
 */
export async function fillStage(stage: string, target: string): Promise<void> {
  const metafiles = await buildInto(stage);
  const natives = nativePackages(target).map((entry) => ({ ...entry, folder: packageFolder(entry.name) }));
  for (const { name, folder, files, natives: binaries, first = {} } of natives) {
    const place = join(stage, 'dist', 'node_modules', name);
    for (const file of selectFiles(folder, [...files, ...binaries], name)) copy(join(folder, file), join(place, file));
    for (const [file, text] of Object.entries(first)) {
      writeFileSync(join(place, file), text + readFileSync(join(folder, file), 'utf8'));
    }
  }
  for (const [folder, patterns] of Object.entries(assets)) {
    for (const file of selectFiles(join(root, folder), patterns, folder)) {
      copy(join(root, folder, file), join(stage, folder, file));
    }
  }
  for (const file of [
    'CHANGELOG.md',
    'LICENSE',
    '.vscodeignore',
    ...readdirSync(root).filter((name) => /^package\.nls.*\.json$/.test(name)),
  ]) {
    copy(join(root, file), join(stage, file));
  }
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  writeFileSync(join(stage, 'package.json'), `${JSON.stringify(shippedManifest(manifest), null, 2)}\n`);
  const page = readFileSync(join(root, 'docs', 'extension-page.md'), 'utf8');
  writeFileSync(join(stage, 'README.md'), extensionPage(page, manifest.repository));
  const folders = [...bundledPackages(metafiles), ...natives.map(({ folder }) => folder)];
  writeFileSync(join(stage, 'THIRD-PARTY-NOTICES.txt'), thirdPartyNotices(folders));
}
