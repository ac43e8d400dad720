import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { codeServerVersion } from './codeServer.ts';
import { startPersonServer } from './server.ts';

/** Prints what VS Code's server prints, the address in two pieces, and goes on. */
const server = `
  const { readFileSync } = require('node:fs');
  const token = readFileSync(process.argv[process.argv.indexOf('--connection-token-file') + 1], 'utf8');
  process.stdout.write('Web UI available at http://localhost:4321/?tk');
  setTimeout(() => {
    process.stdout.write('n=' + token.slice(0, 10));
    setTimeout(() => {
      process.stdout.write(token.slice(10) + '\\n');
      process.stderr.write('http://localhost:4321/?folder=/a&tkn=' + token + '&more=1\\n');
      setTimeout(() => console.log('Extension host agent listening on 4321'), 50);
    }, 50);
  }, 50);
  setInterval(() => {}, 1000);
`;

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'al-server-'));
  const installed = join(root, 'code-server');
  const main = join(installed, 'node_modules', 'code-server', 'lib', 'vscode', 'out', 'server-main.js');
  mkdirSync(dirname(main), { recursive: true });
  writeFileSync(main, server);
  const platform = `${process.platform}-${process.arch}`;
  const stamp = { codeServer: codeServerVersion, node: process.version.slice(1), platform };
  writeFileSync(join(installed, 'installed.json'), JSON.stringify(stamp));
  mkdirSync(join(root, 'extension'));
  writeFileSync(join(root, 'extension', 'package.json'), '{ "name": "probe", "version": "1.0.0" }');
  vi.stubEnv('AL_CACHE', root);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(root, { recursive: true, force: true });
});

// Windows has no modes, and the servers of others end there in another way.
describe.skipIf(process.platform !== 'linux')("a person's server", () => {
  it.each([
    ['new', () => {}],
    [
      'made by an older version',
      (home: string) => {
        mkdirSync(home);
        for (const [name, text] of [
          ['server.log', 'old'],
          ['token', 'f'.repeat(40)],
        ] as const) {
          writeFileSync(join(home, name), text);
          chmodSync(join(home, name), 0o644);
        }
        chmodSync(home, 0o755);
      },
    ],
  ] as const)('keeps its key to its person, in a home that is %s', async (_, before) => {
    const home = join(root, 'home');
    before(home);
    const options = { workspace: root, extensionFolder: join(root, 'extension'), port: 0, home };
    const started = await startPersonServer(options);
    try {
      const token = readFileSync(join(home, 'token'), 'utf8');
      expect(token).toMatch(/^[0-9a-f]{40}$/);
      expect(started.url).toContain(`tkn=${token}`);
      const log = readFileSync(started.logFile, 'utf8');
      expect(log).toBe(
        [
          'Web UI available at http://localhost:4321/?tkn=…',
          'http://localhost:4321/?folder=/a&tkn=…&more=1',
          'Extension host agent listening on 4321',
          '',
        ].join('\n'),
      );
      expect(started.tail()).toBe(log.trimEnd());
      const modes = ['', 'token', 'server.log'].map((name) => statSync(join(home, name)).mode & 0o777);
      expect(modes).toEqual([0o700, 0o600, 0o600]);
    } finally {
      await started.stop();
    }
  });
});
