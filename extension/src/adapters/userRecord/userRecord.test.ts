import { spawn } from 'node:child_process';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createUserRecord } from './createUserRecord.ts';
import { userFolder } from './userFolder.ts';

let root = '';
let folder = '';

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'al-record-'));
  folder = join(root, 'state', 'record');
});

afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

function entriesOf(path: string): string[] {
  return readdirSync(path, { recursive: true, encoding: 'utf8' });
}

describe('the folder of the record', () => {
  it.each([
    ['Linux', 'linux', {}, '/home/me', '/home/me/.local/state/active-learning-yolo'],
    ['Linux with a state folder', 'linux', { XDG_STATE_HOME: '/state' }, '/home/me', '/state/active-learning-yolo'],
    ['a relative state folder', 'linux', { XDG_STATE_HOME: 'state' }, '/h', '/h/.local/state/active-learning-yolo'],
    ['macOS', 'darwin', { XDG_STATE_HOME: '/s' }, '/U/me', '/U/me/Library/Application Support/active-learning-yolo'],
    ['Windows', 'win32', { LOCALAPPDATA: 'C:\\L' }, 'C:\\U', 'C:\\L\\active-learning-yolo'],
    ['Windows without a variable', 'win32', {}, 'C:\\U', 'C:\\U\\AppData\\Local\\active-learning-yolo'],
    ['a named folder', 'darwin', { AL_USER_FOLDER: '/here' }, '/U/me', '/here'],
    ['a relative named folder', 'linux', { AL_USER_FOLDER: 'here' }, '/h', '/h/.local/state/active-learning-yolo'],
  ] as const)('%s', (_, platform, env, home, expected) => {
    expect(userFolder({ platform, env, home })).toBe(expected);
  });

  it('is not the real one in tests', () => {
    expect(userFolder()).toBe(process.env['AL_USER_FOLDER']);
    expect(userFolder().startsWith(tmpdir())).toBe(true);
  });
});

describe('known files', () => {
  it('are identified only by their bytes, at any path', async () => {
    const { files } = createUserRecord({ folder });
    const path = join(root, 'best.pt');
    writeFileSync(path, 'weights');
    expect(await files.isKnown(path)).toBe(false);
    await files.remember(path, 'run');
    const again = createUserRecord({ folder }).files;
    expect(await again.isKnown(path)).toBe(true);
    expect(await again.isKnown(path, 'run')).toBe(true);
    expect(await again.isKnown(path, 'user')).toBe(false);
    const moved = join(root, 'moved.pt');
    renameSync(path, moved);
    expect(await again.isKnown(moved)).toBe(true);
    expect(await again.isKnown(path)).toBe(false);
    // Same length, different bytes.
    writeFileSync(moved, 'Weights');
    expect(await again.isKnown(moved)).toBe(false);
  });

  it.skipIf(process.platform === 'win32')(
    'are plain files: a folder or a pipe is neither known nor waited for',
    async () => {
      const { files } = createUserRecord({ folder });
      const pipe = join(root, 'pipe');
      execFileSync('mkfifo', [pipe]);
      for (const path of [root, pipe, join(root, 'missing')]) {
        expect(await files.isKnown(path)).toBe(false);
        await expect(files.remember(path, 'user')).rejects.toMatchObject({ code: 'unreadable', where: path });
      }
    },
  );

  it('are unknown if their entry is damaged', async () => {
    const { files } = createUserRecord({ folder });
    const path = join(root, 'best.pt');
    writeFileSync(path, 'weights');
    await files.remember(path, 'run');
    const [name = ''] = readdirSync(join(folder, 'files'));
    for (const text of ['', '{"size":7}', 'null']) {
      writeFileSync(join(folder, 'files', name), text);
      expect(await files.isKnown(path)).toBe(false);
    }
  });
});

describe('known folders', () => {
  const place = { path: '/data/one/.active-learning', target: '/data/one/.active-learning' };

  it('are distinguished by path and by the target of a link', async () => {
    const { folders } = createUserRecord({ folder });
    expect(await folders.idOf(place)).toBeNull();
    const id = await folders.claim(place);
    expect(await folders.claim(place)).toBe(id);
    const again = createUserRecord({ folder }).folders;
    expect(await again.idOf(place)).toBe(id);
    expect(await again.idOf({ ...place, target: '/elsewhere' })).toBeNull();
    const moved = await again.claim({ ...place, target: '/elsewhere' });
    expect(moved).not.toBe(id);
    expect(await again.idOf(place)).toBeNull();
  });

  it('get the same id in processes that add them at the same time', async () => {
    const script = `
      import { createUserRecord } from ${JSON.stringify(join(import.meta.dirname, 'createUserRecord.ts'))};
      process.stdin.once('data', async () => {
        const { folders } = createUserRecord({ folder: ${JSON.stringify(folder)} });
        const ids = [];
        for (let i = 0; i < 20; i++) ids.push(await folders.claim({ path: '/w/' + i, target: '/w/' + i }));
        console.log(JSON.stringify(ids));
        process.exit();
      });
      console.log('ready');`;
    const children = Array.from({ length: 4 }, () =>
      spawn(process.execPath, ['--input-type=module-typescript', '-e', script], { stdio: ['pipe', 'pipe', 'inherit'] }),
    );
    await Promise.all(children.map(({ stdout }) => once(stdout, 'data')));
    const answers = children.map(async ({ stdin, stdout }) => {
      const answer = once(stdout, 'data') as Promise<[Buffer]>;
      stdin.write('go');
      return String((await answer)[0]);
    });
    expect(new Set(await Promise.all(answers)).size).toBe(1);
    expect(entriesOf(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });
});

describe('leases of runs', () => {
  it('belong to a folder and a run, and can be removed', async () => {
    const runs = createUserRecord({ folder }).runs('one');
    const lease = { pid: 4711, startTime: '12', nonce: 'secret' };
    expect(await runs.read('s1-i1-x')).toBeNull();
    await runs.write('s1-i1-x', lease);
    const again = createUserRecord({ folder });
    expect(await again.runs('one').read('s1-i1-x')).toEqual(lease);
    expect(await again.runs('two').read('s1-i1-x')).toBeNull();
    expect(await again.runs('one').read('s1-i1-y')).toBeNull();
    await again.runs('one').remove('s1-i1-x');
    await again.runs('one').remove('s1-i1-x');
    expect(await runs.read('s1-i1-x')).toBeNull();
  });

  it('never contain a process group', async () => {
    const runs = createUserRecord({ folder }).runs('one');
    for (const pid of [0, -1, 1, 1.5]) {
      await runs.write('run', { pid, startTime: '1', nonce: 'x' });
      expect(await runs.read('run')).toBeNull();
    }
  });
});

describe('the record on disk', () => {
  it.skipIf(process.platform === 'win32')(
    'is private, whatever the umask and the mode of the folder before',
    async () => {
      const before = process.umask(0);
      try {
        mkdirSync(folder, { recursive: true, mode: 0o755 });
        const record = createUserRecord({ folder });
        const path = join(root, 'best.pt');
        writeFileSync(path, 'weights');
        await record.files.remember(path, 'run');
        await record.folders.claim({ path: '/w', target: '/w' });
        await record.runs('one').write('run', { pid: 2, startTime: '', nonce: 'x' });
      } finally {
        process.umask(before);
      }
      for (const name of ['', ...entriesOf(folder)]) {
        const facts = statSync(join(folder, name));
        expect([name, (facts.mode & 0o777).toString(8)]).toEqual([name, facts.isDirectory() ? '700' : '600']);
      }
    },
  );

  it('applies to this process if it cannot be written, and reports that once', async () => {
    writeFileSync(join(root, 'state'), 'a file where the folder should be');
    const warnings: string[] = [];
    const open = () => createUserRecord({ folder, onWarning: (message) => warnings.push(message) });
    const place = { path: '/w', target: '/w' };
    const id = await open().folders.claim(place);
    expect(await open().folders.idOf(place)).toBe(id);
    await open().runs('one').write('run', { pid: 2, startTime: '', nonce: 'x' });
    expect(await open().runs('one').read('run')).toMatchObject({ pid: 2 });
    const path = join(root, 'best.pt');
    writeFileSync(path, 'weights');
    await open().files.remember(path, 'user');
    expect(await open().files.isKnown(path)).toBe(true);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain(folder);
    expect(readFileSync(join(root, 'state'), 'utf8')).toBe('a file where the folder should be');
  });
});
