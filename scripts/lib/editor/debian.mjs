import { existsSync } from 'node:fs';
import { environment, output, run, step } from '../shell.mjs';
import { EditorUnavailable } from './editorError.mjs';

/** Whether packages can be installed without asking: root on Debian or a relative of it. */
function canInstallDebianPackages() {
  return process.getuid?.() === 0 && existsSync('/etc/debian_version') && output('apt-get', ['--version']) !== null;
}

/**
 * Installs Debian packages where that needs no question, with its output shown only when it fails.
 * @throws EditorUnavailable with one sentence on what to install, anywhere else or when apt-get fails.
 */
export async function ensureDebianPackages(packages, reason) {
  const names = packages.join(' ');
  if (!canInstallDebianPackages()) {
    throw new EditorUnavailable(reason, `Install ${names} (Debian names) and try again.`);
  }
  const env = environment({ DEBIAN_FRONTEND: 'noninteractive' });
  const code = await step(`Installing Debian packages: ${names}`, async () => {
    await run('apt-get', ['update', '-qq'], { env });
    const install = ['install', '-y', '-qq', '-o', 'Dpkg::Use-Pty=0', '--no-install-recommends', ...packages];
    return run('apt-get', install, { env, stdio: ['ignore', 'ignore', 'inherit'] });
  });
  if (code !== 0) throw new EditorUnavailable(reason, `apt-get could not install ${names}; its message is above.`);
}
