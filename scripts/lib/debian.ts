import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { withLock } from '../begin/lock.mjs';
import { beginLog } from '../begin/log.mjs';
import { locks } from '../begin/paths.mjs';
import { environment, output, step } from '../begin/shell.mjs';

/** Whether packages can be installed without asking: root on Debian or a relative of it. */
function canInstall(): boolean {
  return process.getuid?.() === 0 && existsSync('/etc/debian_version') && output('apt-get', ['--version']) !== null;
}

/**
 * Installs Debian packages if that needs no question. Shows the output of apt-get only if it fails.
 * @returns null, or the sentence that says what to do if they could not be installed.
 */
export async function installDebianPackages(packages: readonly string[]): Promise<string | null> {
  const names = packages.join(' ');
  if (!canInstall()) return `Install ${names} (Debian names) and try again.`;
  const env = environment({ DEBIAN_FRONTEND: 'noninteractive' });
  const title = `Installing Debian packages: ${names}`;
  return withLock(join(locks, 'debian'), title, async () => {
    const log = beginLog('apt-get');
    // Another apt-get of this machine is waited for.
    const options = ['-y', '-qq', '-o', 'Dpkg::Use-Pty=0', '-o', 'DPkg::Lock::Timeout=600', '--no-install-recommends'];
    const code = await step(title, async () => {
      await log.run('apt-get', ['update', '-qq'], { env });
      return log.run('apt-get', ['install', ...options, ...packages], { env });
    });
    return code === 0 ? null : `apt-get could not install ${names}:\n${log.ending()}`;
  });
}
