import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

function readJson<Value>(path: string, fallback: Value): Value {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Value;
  } catch {
    return fallback;
  }
}

/** Id and version of the extension in a folder. */
function extensionIdentity(folder: string): { id: string; version: string } {
  const manifest = readJson<{ name?: string; version?: string; publisher?: string }>(join(folder, 'package.json'), {});
  if (!manifest.name || !manifest.version)
    throw new Error(`${folder} holds no package.json with a name and a version.`);
  const publisher = manifest.publisher ?? 'undefined_publisher';
  return { id: `${publisher}.${manifest.name}`.toLowerCase(), version: manifest.version };
}

/**
 * Installs the extension of a working folder into an extensions folder, live: what is built next is what runs after a
 * reload. The installed folder is one link to the working folder: VS Code knows an extension's code by its real path,
 * and attributes what it shows to that extension. An "Uninstall" in the editor removes the link and never the sources.
 */
export function linkExtension(extensionFolder: string, extensionsFolder: string): { id: string; folder: string } {
  const { id, version } = extensionIdentity(extensionFolder);
  const name = `${id}-${version}`;
  const target = join(extensionsFolder, name);
  mkdirSync(extensionsFolder, { recursive: true });
  for (const entry of readdirSync(extensionsFolder)) {
    if (entry.startsWith(`${id}-`)) rmSync(join(extensionsFolder, entry), { recursive: true, force: true });
  }
  // Windows lets everybody make a junction, but not a symbolic link.
  symlinkSync(realpathSync(extensionFolder), target, 'junction');
  const listFile = join(extensionsFolder, 'extensions.json');
  const others = readJson<{ identifier?: { id?: string } }[]>(listFile, []).filter(
    (entry) => entry.identifier?.id?.toLowerCase() !== id,
  );
  const own = {
    identifier: { id },
    version,
    location: { $mid: 1, path: target, scheme: 'file' },
    relativeLocation: name,
    metadata: { source: 'vsix', isMachineScoped: true },
  };
  writeFileSync(listFile, JSON.stringify([...others, own]));
  // An uninstallation asked for in the last run would otherwise be carried out now.
  const obsoleteFile = join(extensionsFolder, '.obsolete');
  if (existsSync(obsoleteFile)) {
    const { [name]: _own, ...rest } = readJson<Record<string, boolean>>(obsoleteFile, {});
    writeFileSync(obsoleteFile, JSON.stringify(rest));
  }
  return { id, folder: target };
}
