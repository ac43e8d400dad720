import { existsSync } from 'node:fs';
import { environment, output, run, step } from './shell.mjs';

/** Whether packages can be installed without asking: root on Debian or a relative of it. */
function canInstall() {
  return process.getuid?.() === 0 && existsSync('/etc/debian_version') && output('apt-get', ['--version']) !== null;
}

/**
 * Installs Debian packages where that needs no question; what apt-get prints is shown only when it fails.
 * @returns null, or the sentence that says what to do where they could not be installed.
 */
export async function installDebianPackages(packages) {
  const names = packages.join(' ');
  if (!canInstall()) return `Install ${names} (Debian names) and try again.`;
  const env = environment({ DEBIAN_FRONTEND: 'noninteractive' });
  const code = await step(`Installing Debian packages: ${names}`, async () => {
    await run('apt-get', ['update', '-qq'], { env });
    const install = ['install', '-y', '-qq', '-o', 'Dpkg::Use-Pty=0', '--no-install-recommends', ...packages];
    return run('apt-get', install, { env, stdio: ['ignore', 'ignore', 'inherit'] });
  });
  return code === 0 ? null : `apt-get could not install ${names}; its message is above.`;
}
