import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { leaseIsAlive } from '../../adapters/platform/lease.ts';
import { english } from '../text/localiser.ts';
import { mostHelpfulFailure, pythonCandidates } from './candidates.ts';
import { computeChoices, explainFailure, indexHolds, pipPlan, pipProgress, pipSources } from './pip.ts';
import { completeMark, finishedEnvironments } from './places.ts';
import { ask, runProgram } from './programs.ts';

function origins(privateEnvironment?: string, pythonExtension?: string): string[] {
  return pythonCandidates({ setting: undefined, privateEnvironment, pythonExtension }).map(({ origin }) => origin);
}

describe('the Pythons to try', () => {
  it('are only the configured one, if there is one', () => {
    expect(pythonCandidates({ setting: '/s', privateEnvironment: '/p', pythonExtension: '/e' })).toEqual([
      { origin: 'setting', python: '/s' },
    ]);
  });

  it("are otherwise the extension's own, the Python extension's and a search, without duplicates", () => {
    expect(origins('/p', '/e')).toEqual(['private', 'python-extension', 'path']);
    expect(origins('/p', '/p')).toEqual(['private', 'path']);
    expect(origins()).toEqual(['path']);
  });

  it('report the failure that is closest to success', () => {
    const failures = ['python-missing', 'packages-missing', 'python-too-old'].map((code) => ({ code }));
    expect(mostHelpfulFailure(failures)).toEqual({ code: 'packages-missing' });
    expect(mostHelpfulFailure([{ code: 'odd' }, { code: 'python-missing' }])).toEqual({ code: 'python-missing' });
    expect(mostHelpfulFailure([])).toBeUndefined();
  });
});

const nowhereElse = { index: undefined, others: false };

describe('the call of pip', () => {
  it('is one call for all packages, with an index for builds that are not on PyPI', () => {
    const cpu = pipPlan('/r.txt', 'cpu', 'linux', nowhereElse);
    expect(cpu.indexes).toEqual(['https://download.pytorch.org/whl/cpu']);
    expect(cpu.install(cpu.indexes[0], true).join(' ')).toMatch(
      /--extra-index-url https:\/\/download\.pytorch\.org\/whl\/cpu -r \/r\.txt$/,
    );
    expect(cpu.install(undefined, true)).not.toContain('--extra-index-url');
    expect(cpu.install(undefined, true)).toContain('--resume-retries');
    expect(cpu.install(undefined, false)).not.toContain('--resume-retries');
    expect(cpu.hosts).toContain('download.pytorch.org');
    expect(pipPlan('/r.txt', 'cuda', 'linux', nowhereElse).indexes).toEqual([]);
    expect(pipPlan('/r.txt', 'cuda', 'win32', nowhereElse).indexes.join(' ')).toMatch(/whl\/cu\d+/);
    expect(pipPlan('/r.txt', 'cpu', 'win32', nowhereElse).indexes).toEqual([]);
    expect(pipPlan('/r.txt', 'default', 'darwin', nowhereElse).indexes).toEqual([]);
  });

  it("does not change the user's index", () => {
    const plan = pipPlan('/r.txt', 'cpu', 'linux', { index: 'https://pypi.example.com/simple', others: false });
    expect(plan.indexes).toEqual([]);
    expect(plan.hosts).toEqual(['pypi.example.com']);
    expect(pipPlan('/r.txt', 'cpu', 'linux', { index: '/srv/wheels', others: true }).hosts).toEqual(['/srv/wheels']);
  });

  it('reads the package sources from the pip configuration', () => {
    const config = "global.cert='/c.pem'\nglobal.index-url='https://a.example/simple'\n:env:.find-links='/w'\n";
    expect(pipSources(config, {})).toEqual({ index: 'https://a.example/simple', others: false });
    expect(pipSources("global.extra-index-url='file:///x'", {})).toEqual({ index: undefined, others: true });
    expect(pipSources('', { PIP_INDEX_URL: 'https://b.example', PIP_FIND_LINKS: '/w' })).toEqual({
      index: 'https://b.example',
      others: true,
    });
    expect(pipSources('', {})).toEqual(nowhereElse);
  });

  it('uses an index that answered and has the version, in any build', () => {
    const answer = 'torch (2.15.0)\nAvailable versions: 2.15.0+cpu, 2.13.0+cpu\n';
    expect(indexHolds(answer, '2.13.0')).toBe(true);
    expect(indexHolds(answer, '2.13')).toBe(false);
    expect(indexHolds(answer, '2.14.0')).toBe(false);
    expect(indexHolds(`WARNING: Retrying (Retry(total=0)) after connection broken\n${answer}`, '2.13.0')).toBe(false);
    expect(indexHolds('ERROR: No matching distribution found for torch', '2.13.0')).toBe(false);
  });

  it('offers a choice if there are several builds', () => {
    expect(computeChoices('darwin')).toEqual(['default']);
    expect(computeChoices('linux')).toEqual(['cpu', 'cuda']);
  });

  it('reports its progress', () => {
    expect(pipProgress(english, 'Collecting torch==2.13.0')).toBe('Looking for torch');
    expect(pipProgress(english, '  Downloading torch-2.13.0-cp311-manylinux.whl (188.9 MB)')).toBe(
      'Downloading torch (188.9 MB)',
    );
    expect(pipProgress(english, 'Downloading https://x.org/a/onnx-1.23.1-cp311.whl')).toBe('Downloading onnx');
    expect(pipProgress(english, 'Installing collected packages: a, b')).toMatch(/^Installing/);
    expect(pipProgress(english, 'Requirement already satisfied: pip')).toBeNull();
  });
});

describe('a failed installation', () => {
  it.each([
    ['OSError: [Errno 28] No space left on device', 'disk-full'],
    ['The virtual environment was not created successfully because ensurepip is not available.', 'venv-missing'],
    ['× Download failed after 6 attempts because not enough bytes were received (4.4 kB/11 kB)', 'network-cut'],
    [
      'ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE. [...] someone may have tampered with them.',
      'package-altered',
    ],
    ['SSLError(SSLCertVerificationError(1, CERTIFICATE_VERIFY_FAILED))', 'network-certificate'],
    ['NewConnectionError: [Errno -3] Temporary failure in name resolution', 'network'],
    ['ERROR: No matching distribution found for torch==2.13.0', 'no-matching-package'],
    ["PermissionError: [Errno 13] Permission denied: '/opt/x'", 'permission'],
  ])('is explained: %s', (output, code) => {
    const failure = explainFailure(english, `Collecting torch\n${output}\n`);
    expect(failure.code).toBe(code);
    expect(failure.hint).not.toBe('');
  });

  it('reports a network failure rather than the missing packages that it causes', () => {
    const output = 'WARNING: Retrying: NewConnectionError\nERROR: No matching distribution found for torch';
    expect(explainFailure(english, output).code).toBe('network');
  });

  it('otherwise shows the last error line of pip', () => {
    expect(explainFailure(english, 'a\nERROR: odd thing\nsee above\n').message).toContain('ERROR: odd thing');
    expect(explainFailure(english, '').message).not.toBe('');
  });
});

describe('environments of the setup', () => {
  it('count if they are complete, the newest last', () => {
    const folder = mkdtempSync(join(tmpdir(), 'al-environments-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    for (const [name, whole] of [
      ['20260102000000', true],
      ['20260101000000', true],
      ['20260103000000', false],
    ] as const) {
      mkdirSync(join(folder, name));
      if (whole) writeFileSync(join(folder, name, completeMark), '');
    }
    expect(finishedEnvironments(folder)).toEqual([join(folder, '20260101000000'), join(folder, '20260102000000')]);
    expect(finishedEnvironments(join(folder, 'none'))).toEqual([]);
  });
});

describe('programs', () => {
  it('pass on both streams line by line', async () => {
    const lines: string[] = [];
    const script = 'console.log("one"); console.error("two"); process.stdout.write("three"); process.exitCode = 3';
    const end = await runProgram(
      process.execPath,
      ['-e', script],
      tmpdir(),
      (line) => lines.push(line),
      new AbortController().signal,
    );
    expect(end.exitCode).toBe(3);
    expect(lines.toSorted()).toEqual(['one', 'three', 'two']);
    expect(end.tail).toContain('two');
  });

  it('are killed with their child processes', async () => {
    const abort = new AbortController();
    const script = `const { spawn } = require('node:child_process');
      const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
      console.log(child.pid); setInterval(() => {}, 1000)`;
    let started = 0;
    const onLine = (line: string): void => {
      started = Number(line);
      abort.abort();
    };
    const end = await runProgram(process.execPath, ['-e', script], tmpdir(), onLine, abort.signal);
    expect(end.exitCode).toBeNull();
    expect(started).toBeGreaterThan(0);
    await expect.poll(() => leaseIsAlive({ pid: started, startTime: '', nonce: '' })).toBe(false);
  });

  it('that do not exist end without an exit code and without output', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'al-programs-'));
    const end = await runProgram(join(folder, 'none'), [], folder, () => {}, new AbortController().signal);
    expect(end).toMatchObject({ exitCode: null, tail: expect.stringContaining('ENOENT') as string });
    expect(await ask(join(folder, 'none'), [], folder)).toBeUndefined();
    expect(await ask(process.execPath, ['-p', '1 + 1'], folder)).toBe('2');
    rmSync(folder, { recursive: true });
  });
});
