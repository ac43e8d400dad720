import { existsSync, statfsSync } from 'node:fs';
import path from 'node:path';

/** `f_type` of Linux' statfs(2) for file systems on which machines do not share memory maps of a file. */
const networkFileSystems: ReadonlyMap<number, string> = new Map([
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xff534d42, 'CIFS'],
  [0xfe534d42, 'SMB2'],
  [0x01021997, '9P'],
  [0x65735546, 'FUSE'],
  [0x5346414f, 'AFS'],
  [0x00c36400, 'Ceph'],
  [0x0bd00bd0, 'Lustre'],
  [0x47504653, 'GPFS'],
  [0x786f4256, 'VirtualBox shared folder'],
  [0xbacbacbc, 'VMware shared folder'],
]);

/** The name of the network file system with that `f_type`, or null for a local or unknown one. */
export function networkFileSystemName(type: number): string | null {
  return networkFileSystems.get(type >>> 0) ?? null;
}

/** Whether a Windows path names another machine, including `\\wsl$`. */
export function isUncPath(databasePath: string): boolean {
  return /^[\\/]{2}(?![.?][\\/](?!UNC[\\/]))[^\\/]/iu.test(databasePath);
}

/**
 * The kind of network drive that contains a file, or null if the drive is local or unknown. It is unknown on macOS and
 * for mapped Windows drives; there, WAL is used unless SQLite rejects it. The file need not exist.
 */
export function networkFolder(databasePath: string, platform: NodeJS.Platform = process.platform): string | null {
  if (platform === 'win32') return isUncPath(databasePath) ? 'Windows share' : null;
  if (platform !== 'linux') return null;
  let folder = path.dirname(path.resolve(databasePath));
  while (!existsSync(folder) && path.dirname(folder) !== folder) folder = path.dirname(folder);
  try {
    return networkFileSystemName(statfsSync(folder).type);
  } catch {
    return null;
  }
}
