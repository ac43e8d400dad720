import { homedir } from 'node:os';
import { parse, sep } from 'node:path';
import { realpathSync } from 'node:fs';

/** Folders of the kernel's pseudo file systems. Shared memory is excluded because it holds real files. */
const pseudo = /^\/(?:proc|sys|dev)(?:\/|$)/u;
const sharedMemory = /^\/dev\/shm(?:\/|$)/u;

/** Why a folder must not be searched for images; `null` if it may. @param real its path with all links resolved. */
export function whyForbidden(real: string): string | null {
  if (isPseudo(real)) return 'is no place of files but a view of the system';
  if (parse(real).root === real && !real.startsWith('\\\\')) return 'is a whole file system';
  const home = realHome();
  if (home === real) return 'is your home folder';
  if (home.startsWith(real + sep)) return 'holds your home folder';
  return null;
}

/** Whether a folder is in a pseudo file system such as `/proc`. */
export function isPseudo(real: string): boolean {
  return process.platform !== 'win32' && pseudo.test(real) && !sharedMemory.test(real);
}

let home: string | null = null;

function realHome(): string {
  try {
    home ??= realpathSync(homedir());
  } catch {
    home = homedir();
  }
  return home;
}
