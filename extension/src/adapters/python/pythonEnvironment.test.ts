import { mkdir, realpath, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { temporaryFolder, writeScript } from '../training/testing/runs.ts';
import { findPython } from './pythonEnvironment.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
const complete = '{"pythonVersion": "3.12.1", "packages": {"torch": "2.13.0"}, "devices": ["cpu", "0"]}';

beforeEach(async () => {
  folder = await temporaryFolder();
  await mkdir(join(folder.path, 'trainer'));
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await folder.remove();
});

interface FakePython {
  readonly version?: string;
  readonly executable?: string;
  /** Shell lines that respond to `-m al_trainer --check`. */
  readonly check?: readonly string[];
}

/** Shell lines that print a text with any quotes. */
function print(text: string): string[] {
  return ["cat <<'END'", text, 'END'];
}

async function fakePython(name: string, fake: FakePython = {}): Promise<string> {
  const { version = '3, 12, 1', executable = '', check = [`echo '${complete}'`] } = fake;
  const path = join(folder.path, name);
  await writeScript(path, [
    'if [ "$1 $2" = "-E -c" ]; then',
    ...print(JSON.stringify({ version: version.split(',').map(Number), executable })),
    'exit 0; fi',
    `[ "$*" = "-E -u -B -X utf8 -m al_trainer --check" ] || exit 99`,
    ...check,
  ]);
  return path;
}

function find(configured: string) {
  return findPython({ configured }, join(folder.path, 'trainer'));
}

describe('a configured Python', () => {
  it('reports its packages', async () => {
    const python = await fakePython('python');
    expect(await find(python)).toEqual({
      python,
      pythonVersion: '3.12.1',
      packages: { torch: '2.13.0' },
      devices: ['cpu', '0'],
    });
  });

  it('is reported as the real interpreter, and its output is found among notices', async () => {
    const real = await fakePython('real', {
      check: [`echo 'A new version is available {'`, `echo '${complete}'`, 'echo bye'],
    });
    const shim = await fakePython('shim', { executable: real, check: ['exit 98'] });
    expect((await find(shim)).python).toBe(real);
  });

  it('runs in the folder of the trainer, without tokens or import paths', async () => {
    vi.stubEnv('PYTHONPATH', '/elsewhere');
    vi.stubEnv('GITHUB_TOKEN', 'secret');
    vi.stubEnv('CUDA_VISIBLE_DEVICES', '1');
    const python = await fakePython('python', {
      check: ['printf \'{"pythonVersion": "%s"}\' "$PWD|$PYTHONPATH|$GITHUB_TOKEN|$CUDA_VISIBLE_DEVICES"'],
    });
    expect((await find(python)).pythonVersion).toBe(`${await realpath(join(folder.path, 'trainer'))}|||1`);
  });

  it('that does not exist is reported as missing, and no other one is tried', async () => {
    await expect(find(join(folder.path, 'gone'))).rejects.toMatchObject({
      code: 'python-missing',
      message: `There is no ${join(folder.path, 'gone')}.`,
      hint: expect.stringContaining('python3 -m venv .venv'),
    });
  });

  it('that is not Python is reported as missing, with its output', async () => {
    const path = join(folder.path, 'python');
    await writeScript(path, ['echo "Python was not found; install it from the Store" >&2', 'exit 9']);
    await expect(find(path)).rejects.toMatchObject({
      code: 'python-missing',
      message: expect.stringContaining('Python was not found'),
    });
    await writeFile(path, 'not a program');
    await expect(find(path)).rejects.toMatchObject({ code: 'python-missing' });
  });

  it.each(['2, 7, 18', '3, 9, 19'])('of version %s is too old', async (version) => {
    await expect(find(await fakePython('python', { version }))).rejects.toMatchObject({
      code: 'python-too-old',
      message: expect.stringMatching(/is Python [\d.]+; training needs Python 3\.10 or newer\.$/),
    });
  });

  it.each(['3, 10, 0', '3, 14, 0', '4, 0, 0'])('of version %s is new enough', async (version) => {
    expect((await find(await fakePython('python', { version }))).pythonVersion).toBe('3.12.1');
  });

  it('without packages is reported with their names and the exact install command', async () => {
    const python = await fakePython('python', {
      check: [`echo '{"pythonVersion": "3.12.1", "missing": ["torch", "ultralytics"]}'`, 'exit 3'],
    });
    await expect(find(python)).rejects.toMatchObject({
      code: 'packages-missing',
      message: `${python} lacks packages that training needs: torch, ultralytics.`,
      hint: `Install them in one call: "${python}" -m pip install -r "${join(folder.path, 'trainer', 'requirements.txt')}"`,
      where: python,
    });
  });

  it.each([
    ['crashes', ['echo "Traceback" >&2', 'echo "ImportError: libGL.so.1" >&2', 'exit 1'], 'ImportError: libGL.so.1'],
    ['says nothing', ['exit 0'], 'ended with code 0'],
    ['says something else', ['echo "{\\"hello\\": 1}"'], 'ended with code 0'],
    ['says missing without names', [`echo '{"missing": []}'`, 'exit 3'], 'exit code 3'],
    ['is killed', ['kill -9 $$'], 'SIGKILL'],
  ])('whose trainer %s is reported as broken', async (_, check, reason) => {
    const python = await fakePython('python', { check });
    await expect(find(python)).rejects.toMatchObject({
      code: 'trainer-broken',
      where: python,
      message: expect.stringContaining(reason),
      hint: expect.stringContaining('-m al_trainer --check'),
    });
  });
});

async function workspacePython(fake: FakePython): Promise<string> {
  await mkdir(join(folder.path, '.venv', 'bin'), { recursive: true });
  return fakePython('.venv/bin/python', fake);
}

function search(...commands: string[]) {
  return findPython(
    { workspaceFolder: folder.path, commands: commands.map((command) => [command]) },
    join(folder.path, 'trainer'),
  );
}

describe('the search for a Python', () => {
  it('prefers the Python of the workspace', async () => {
    const own = await workspacePython({});
    expect((await search(await fakePython('other'))).python).toBe(own);
  });

  it('continues with the commands if that one cannot train', async () => {
    await workspacePython({ check: [`echo '{"missing": ["torch"]}'`, 'exit 3'] });
    const other = await fakePython('other');
    expect((await search(join(folder.path, 'gone'), other)).python).toBe(other);
  });

  it('reports the best unusable one', async () => {
    const own = await workspacePython({ check: [`echo '{"missing": ["torch"]}'`, 'exit 3'] });
    const old = await fakePython('old', { version: '3, 8, 0' });
    await expect(search(old, join(folder.path, 'gone'))).rejects.toMatchObject({
      code: 'packages-missing',
      where: own,
    });
    await expect(findPython({ commands: [[join(folder.path, 'gone')], [old]] }, folder.path)).rejects.toMatchObject({
      code: 'python-too-old',
    });
    await expect(findPython({ commands: [] }, folder.path)).rejects.toMatchObject({ code: 'python-missing' });
  });

  it('passes the arguments of a command such as py -3', async () => {
    const path = join(folder.path, 'py');
    const real = await fakePython('real');
    await writeScript(path, [
      '[ "$1" = -3 ] || exit 97',
      ...print(JSON.stringify({ version: [3, 12, 1], executable: real })),
    ]);
    expect((await findPython({ commands: [[path, '-3']] }, folder.path)).python).toBe(real);
  });
});
