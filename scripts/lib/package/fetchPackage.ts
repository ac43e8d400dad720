import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '../editor/paths.ts';
import { root, windows } from '../../begin/paths.mjs';

/** A package that cannot be had; the message says what to do. */
export class PackageUnavailable extends Error {}

function locked(name: string): { version: string; integrity: string } {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { version: string; integrity: string }>;
  };
  const entry = lock.packages[`node_modules/${name}`];
  if (!entry) throw new PackageUnavailable(`package-lock.json does not name ${name}. Run "npm install" and try again.`);
  return { version: entry.version, integrity: entry.integrity };
}

function checkIntegrity(file: string, name: string, integrity: string): void {
  const found = `sha512-${createHash('sha512').update(readFileSync(file)).digest('base64')}`;
  if (found === integrity) return;
  throw new PackageUnavailable(`${name} from the registry is not what package-lock.json names (${found}).`);
}

function download(name: string, version: string, folder: string): string {
  const result = spawnSync('npm', ['pack', `${name}@${version}`, '--pack-destination', folder, '--silent'], {
    cwd: folder,
    encoding: 'utf8',
    shell: windows,
  });
  const file = result.stdout?.trim().split('\n').at(-1);
  if (result.status === 0 && file) return join(folder, file);
  throw new PackageUnavailable(
    `${name} ${version} could not be fetched: ${(result.error?.message ?? result.stderr).trim()}\n` +
      'A package registry must be reachable the first time that a platform is packaged.',
  );
}

/**
 * The folder of an npm package at the version that package-lock.json names: the installed one, otherwise one fetched into
 * the cache and checked against the lock's hash. For the parts of other platforms, which npm does not install here.
 * @throws PackageUnavailable
 */
export function packageFolder(name: string): string {
  const { version, integrity } = locked(name);
  const installed = join(root, 'node_modules', name);
  if (existsSync(join(installed, 'package.json'))) {
    const { version: found } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as { version: string };
    if (found === version) return installed;
    throw new PackageUnavailable(`${name} is installed as ${found}, not ${version}. Run "npm run setup".`);
  }
  const packages = join(cacheFolder(), 'packages');
  const folder = join(packages, `${name.replace('/', '+')}-${version}`);
  if (existsSync(folder)) return folder;
  mkdirSync(packages, { recursive: true });
  const work = mkdtempSync(join(packages, 'fetching-'));
  try {
    const archive = download(name, version, work);
    checkIntegrity(archive, name, integrity);
    const unpacked = spawnSync('tar', ['-xzf', archive, '-C', work], { encoding: 'utf8' });
    if (unpacked.status !== 0) throw new PackageUnavailable(`${archive} cannot be unpacked: ${unpacked.stderr}`);
    try {
      renameSync(join(work, 'package'), folder);
    } catch (error) {
      // Another process may have fetched the same meanwhile.
      if (!existsSync(folder)) throw error;
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return folder;
}
