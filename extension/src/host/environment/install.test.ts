import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { english } from '../text/localiser.ts';
import { installEnvironment, type Installation, type InstallReporting } from './install.ts';
import { markInstalling, removeOldEnvironments, removeUnfinished } from './leftovers.ts';
import { completeMark, installingMark, finishedEnvironments, pythonIn } from './places.ts';

const python = ['python3', 'python'].find(
  (command) =>
    spawnSync(command, ['-c', 'import sys, venv, ensurepip; assert sys.version_info >= (3, 10)']).status === 0,
);
if (python === undefined) console.log('Tests of the set-up with a real Python are skipped: none from 3.10 is here.');

let home = '';
let environments = '';

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'al set-up '));
  environments = join(home, 'environments');
});

afterEach(() => rmSync(home, { recursive: true, force: true, maxRetries: 5 }));

/** A trainer folder whose requirements pip meets at once; `check` is what the trainer's own check runs. */
function trainerFolder(requirements: string, check: string): string {
  const folder = join(home, 'trainer');
  mkdirSync(join(folder, 'al_trainer'), { recursive: true });
  writeFileSync(join(folder, 'requirements.txt'), requirements);
  writeFileSync(join(folder, 'al_trainer', '__init__.py'), '');
  writeFileSync(join(folder, 'al_trainer', '__main__.py'), check);
  return folder;
}

const works = `import json, sys
print(json.dumps({"pythonVersion": "%d.%d.%d" % sys.version_info[:3], "packages": {}, "devices": ["cpu"]}))
`;

function installation(change: Partial<Installation>): Installation {
  return {
    folder: join(environments, '20260101000000'),
    base: python ?? '',
    trainerFolder: change.trainerFolder ?? trainerFolder('', works),
    compute: 'default',
    platform: process.platform,
    sources: { index: undefined, others: false },
    ...change,
  };
}

interface Told extends InstallReporting {
  readonly abort: AbortController;
  readonly lines: string[];
  readonly steps: string[];
}

/** @param at the step at which the person presses Cancel. */
function reporting(at?: RegExp): Told {
  const abort = new AbortController();
  const lines: string[] = [];
  const steps: string[] = [];
  const line = (text: string): void => void lines.push(text);
  return {
    l10n: english,
    log: { info: line, debug: line, warn: line, error: line },
    tell: (step) => {
      steps.push(step);
      if (at?.test(step)) abort.abort();
    },
    signal: abort.signal,
    abort,
    lines,
    steps,
  };
}

describe.skipIf(python === undefined)('setting up with a real Python', { timeout: 120_000 }, () => {
  it('leaves no files when cancelled, and works the second time', async () => {
    await expect(installEnvironment(installation({}), reporting(/^Creating/))).rejects.toMatchObject({
      code: 'cancelled',
    });
    expect(readdirSync(environments)).toEqual([]);
    const told = reporting();
    const wanted = installation({});
    await installEnvironment(wanted, told);
    expect(finishedEnvironments(environments)).toEqual([wanted.folder]);
    expect(spawnSync(pythonIn(wanted.folder), ['-c', 'import sys; assert sys.prefix != sys.base_prefix']).status).toBe(
      0,
    );
    expect(told.steps).toEqual(['Creating a virtual environment', 'Contacting pypi.org', 'Checking the environment']);
    expect(existsSync(join(wanted.folder, installingMark))).toBe(false);
  });
});

/** A Python that makes "environments" of itself, and whose pip says what the test wants. */
function standInPython(pip: string): string {
  const path = join(home, 'python');
  const script = `#!/bin/sh
case "$*" in
  "-E -m venv "*) mkdir -p "$4/bin" && cp "$0" "$4/bin/python" ;;
  "-E -m pip "*) ${pip} ;;
  *" -m al_trainer --check") echo '{"missing": ["torch"]}'; exit 3 ;;
  *) echo '{"version": [3, 12, 1], "executable": ""}' ;;
esac
`;
  writeFileSync(path, script);
  chmodSync(path, 0o755);
  return path;
}

describe.skipIf(process.platform === 'win32')('a failed setup', () => {
  const failures: readonly [string, string, string][] = [
    [
      'a package is not to be had',
      'echo "ERROR: No matching distribution found for x"; exit 1',
      'set-up-no-matching-package',
    ],
    ['the finished environment cannot train', 'exit 0', 'packages-missing'],
    ['pip breaks down', 'echo "ERROR: odd"; exit 2', 'set-up-install-failed'],
  ];

  it.each(failures)('because %s leaves no files and keeps the current environment', async (_why, pip, code) => {
    const before = make('20250101000000', true);
    const failing = installation({ base: standInPython(pip) });
    await expect(installEnvironment(failing, reporting())).rejects.toMatchObject({ code });
    expect(finishedEnvironments(environments)).toEqual([before]);
    expect(readdirSync(environments)).toHaveLength(1);
  });

  it('works with an index without the newer pip, without its options', async () => {
    const told = reporting();
    const pip =
      'case "$*" in *pip==*) echo "ERROR: No matching distribution found for pip"; exit 1 ;; *) exit 0 ;; esac';
    await expect(installEnvironment(installation({ base: standInPython(pip) }), told)).rejects.toMatchObject({
      code: 'packages-missing',
    });
    expect(told.lines.join('\n')).toContain('No matching distribution found for pip');
    expect(told.lines.join('\n')).not.toContain('--resume-retries');
  });

  it('is cancelled while pip runs, and leaves no files', async () => {
    const told = reporting(/^Looking for torch/);
    const base = standInPython('case "$*" in *" -r "*) echo "Collecting torch==2.13.0"; sleep 60 ;; *) exit 0 ;; esac');
    await expect(installEnvironment(installation({ base }), told)).rejects.toMatchObject({ code: 'cancelled' });
    expect(readdirSync(environments)).toEqual([]);
  });

  const linuxCpu = { compute: 'cpu', platform: 'linux' } as const;
  const unreachable =
    'case "$*" in *" index "*) echo "WARNING: Retrying (Retry(total=0))"; exit 1 ;; *) exit 0 ;; esac';

  it('reports immediately that the index of the build is unreachable, with the alternatives', async () => {
    const trainer = trainerFolder('torch==2.13.0\n', works);
    const wanted = installation({ ...linuxCpu, trainerFolder: trainer, base: standInPython(unreachable) });
    const told = reporting();
    const failure = installEnvironment(wanted, told);
    await expect(failure).rejects.toMatchObject({ code: 'set-up-network' });
    await expect(failure).rejects.toThrow(/download\.pytorch\.org/);
    // What pip said of it is in the log.
    expect(told.lines.join('\n')).toContain('Retrying (Retry(total=0))');
  });

  it('continues without that index if pip has other sources', async () => {
    const told = reporting();
    const trainer = trainerFolder('torch==2.13.0\n', works);
    const sources = { index: undefined, others: true };
    const wanted = installation({ ...linuxCpu, sources, trainerFolder: trainer, base: standInPython(unreachable) });
    await expect(installEnvironment(wanted, told)).rejects.toMatchObject({ code: 'packages-missing' });
    expect(told.lines.join('\n')).toMatch(/pip install .*requirements\.txt/);
    expect(told.lines.join('\n')).not.toContain('--extra-index-url');
  });
});

/** An environment that is there. */
function make(name: string, finished: boolean, ageDays = 0): string {
  const folder = join(environments, name);
  mkdirSync(folder, { recursive: true });
  if (finished) writeFileSync(join(folder, completeMark), '');
  const time = Date.now() / 1000 - ageDays * 24 * 60 * 60;
  utimesSync(folder, time, time);
  return folder;
}

describe('old environments', () => {
  it('are deleted except for the newest and the previous one', async () => {
    make('20260101000000', true, 20);
    const before = make('20260103000000', true, 10);
    const newest = make('20260104000000', true);
    await removeOldEnvironments(environments, reporting().log);
    expect(readdirSync(environments).map((name) => join(environments, name))).toEqual([before, newest]);
    expect(existsSync(join(newest, completeMark))).toBe(true);
  });
});

describe('a setup that a reload interrupted', () => {
  const dead = { pid: 2 ** 22 + 1, startTime: '1', nonce: 'x' };

  it('is deleted, unless another window runs it or it is complete', async () => {
    const left = make('20260101000000', false);
    writeFileSync(join(left, installingMark), JSON.stringify(dead));
    const older = make('20260102000000', false, 1);
    const justMade = make('20260103000000', false);
    const atWork = make('20260104000000', false);
    await markInstalling(atWork);
    const whole = make('20260105000000', true);
    expect(await removeUnfinished(environments, reporting().log)).toEqual([left, older]);
    expect(readdirSync(environments).map((name) => join(environments, name))).toEqual([justMade, atWork, whole]);
  });

  it('needs no folder', async () => {
    expect(await removeUnfinished(join(home, 'none'), reporting().log)).toEqual([]);
  });
});
