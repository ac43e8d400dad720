import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { chooseEditor, desktopCode, type Machine } from './desktop.ts';

const desk: Machine = {
  platform: 'linux',
  env: { DISPLAY: ':0' },
  isRoot: false,
  versionOf: (command) => (command === 'code' ? '1.101.0' : null),
  macPlaceExists: false,
  minimum: '1.101.0',
};

describe('the desktop VS Code', () => {
  it('is used if a window can open', () => {
    expect(desktopCode(desk)).toEqual({ command: 'code', reason: null });
    expect(desktopCode({ ...desk, env: { WAYLAND_DISPLAY: 'wayland-0' } }).command).toBe('code');
    expect(desktopCode({ ...desk, platform: 'win32', env: {} }).command).toBe('code');
  });

  it.each<[string, Partial<Machine>]>([
    ['a remote machine', { env: { DISPLAY: ':0', SSH_CONNECTION: '10.0.0.1 22' } }],
    ['a remote machine', { env: { DISPLAY: ':0', VSCODE_IPC_HOOK_CLI: '/tmp/x.sock' } }],
    ['WSL', { env: { DISPLAY: ':0', WSL_DISTRO_NAME: 'Ubuntu' } }],
    ['no display', { env: {} }],
    ['root', { isRoot: true }],
    ['no "code" command', { versionOf: () => null }],
  ])('is not used if there is %s', (words, change) => {
    const { command, reason } = desktopCode({ ...desk, ...change });
    expect(command).toBeNull();
    expect(reason).toContain(words);
  });

  it.each(['1.101.0', '1.101.2', '1.110.0', '2.0.0', '1.102.0-insider'])('of version %s is new enough', (version) => {
    expect(desktopCode({ ...desk, versionOf: () => version }).command).toBe('code');
  });

  it.each(['1.100.3', '1.99.0', '0.200.0'])('of version %s is too old, which is said', (version) => {
    const { command, reason } = desktopCode({ ...desk, versionOf: () => version });
    expect(command).toBeNull();
    expect(reason).toBe(`the VS Code here is ${version}, and the extension needs 1.101.0 or newer`);
  });

  it('is found in its usual place on a Mac, also beside an old one on the PATH', () => {
    const mac: Machine = { ...desk, platform: 'darwin', env: {}, macPlaceExists: true };
    expect(desktopCode({ ...mac, versionOf: (name) => (name === 'code' ? null : '1.120.0') }).command).toMatch(
      /\.app\//,
    );
    expect(desktopCode({ ...mac, versionOf: (name) => (name === 'code' ? '1.90.0' : '1.120.0') }).command).toMatch(
      /\.app\//,
    );
  });

  it('is asked for the version that the manifest names', () => {
    const path = join(import.meta.dirname, '..', '..', '..', 'package.json');
    const { engines } = JSON.parse(readFileSync(path, 'utf8')) as { engines: { vscode: string } };
    expect(engines.vscode).toMatch(/^\^\d+\.\d+\.\d+$/);
  });
});

describe('the editor to open', () => {
  it('is the desktop one if it can be used, otherwise code-server with the reason', () => {
    expect(chooseEditor(undefined, desk)).toEqual({ command: 'code', reason: null });
    expect(chooseEditor(undefined, { ...desk, env: {} })).toEqual({ command: null, reason: 'there is no display' });
  });

  it('is the one that was asked for, or none', () => {
    expect(chooseEditor('code-server', desk)).toEqual({ command: null, reason: null });
    expect(chooseEditor('code', desk).command).toBe('code');
    expect(() => chooseEditor('code', { ...desk, env: {} })).toThrow(/there is no display.*--editor code-server/);
  });
});
