import { execFileSync } from 'node:child_process';
import { chmodSync } from 'node:fs';

/**
 * Makes a folder read-only: by mounting it so where this process may, by its permissions where these bind it.
 * @returns what undoes it; null where neither is possible.
 */
export function makeReadOnly(folder: string): (() => void) | null {
  if (process.platform === 'win32') return null;
  if (process.getuid?.() !== 0) {
    chmodSync(folder, 0o555);
    return () => chmodSync(folder, 0o755);
  }
  // Tests have a PATH of their own.
  const options = { stdio: 'ignore', env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' } } as const;
  const undo = (): void => void execFileSync('umount', ['-l', folder], options);
  try {
    execFileSync('mount', ['--bind', folder, folder], options);
  } catch {
    return null;
  }
  try {
    execFileSync('mount', ['-o', 'remount,ro,bind', folder], options);
    return undo;
  } catch {
    undo();
    return null;
  }
}

/** Whether `makeReadOnly` can do it here. */
export function canMakeReadOnly(folder: string): boolean {
  const undo = makeReadOnly(folder);
  undo?.();
  return undo !== null;
}
