import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { productPaths } from './productPaths.ts';
import { openWorkspace } from './workspace.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'al python '));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

test.skipIf(process.platform === 'win32')(
  'a Python that came with the folder is not started unless it is named',
  async () => {
    const planted = join(folder, '.venv', 'bin', 'python');
    mkdirSync(join(planted, '..'), { recursive: true });
    writeFileSync(planted, `#!/bin/sh\n: > "${join(folder, 'ran')}"\n`);
    chmodSync(planted, 0o755);
    vi.stubEnv('PATH', join(folder, 'nothing'));
    const paths = { ...productPaths(), trainer: join(folder, 'trainer') };
    mkdirSync(paths.trainer);
    const opened = await openWorkspace({ folder, paths });
    await expect(opened.ports.trainer.checkEnvironment()).rejects.toMatchObject({ code: 'python-missing' });
    expect(existsSync(join(folder, 'ran'))).toBe(false);
    await opened.close();
    const named = await openWorkspace({ folder, paths, python: planted });
    await expect(named.ports.trainer.checkEnvironment()).rejects.toThrow('python');
    expect(existsSync(join(folder, 'ran'))).toBe(true);
    await named.close();
  },
);
