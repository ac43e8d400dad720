import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import type { Lease } from '../../workflow/ports/store/leases.ts';
import {
  currentLease,
  leaseIsAlive,
  millisecondsOfFileTime,
  parseProcStat,
  processStartTime,
  windowsProgram,
} from './lease.ts';

const children: ReturnType<typeof spawn>[] = [];

/** A process that runs until it is killed. */
async function startChild(): Promise<{ child: ReturnType<typeof spawn>; lease: Lease }> {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000); console.log("up")'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  children.push(child);
  if (child.stdout === null || child.pid === undefined) throw new Error('no child');
  await once(child.stdout, 'data');
  return { child, lease: { pid: child.pid, startTime: await processStartTime(child.pid), nonce: 'of-the-child' } };
}

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

describe('currentLease', () => {
  it('identifies this process, with the same value on every call', async () => {
    const lease = await currentLease();
    expect(lease.pid).toBe(process.pid);
    expect(lease.nonce).toMatch(/^[0-9a-f-]{36}$/u);
    expect(await currentLease()).toEqual(lease);
    expect(await leaseIsAlive(lease)).toBe(true);
  });

  it.skipIf(!existsSync('/proc/self/stat'))('contains the start time of this process', async () => {
    const { startTime } = await currentLease();
    expect(startTime).toMatch(/^\d+$/u);
    expect(startTime).toBe(await processStartTime(process.pid));
  });
});

it.each([
  ['D:\\Windows', 'D:\\Windows\\System32\\taskkill.exe'],
  [undefined, 'C:\\Windows\\System32\\taskkill.exe'],
  ['here', 'C:\\Windows\\System32\\taskkill.exe'],
])('Windows programs are never run from the current folder (%s)', (root, expected) => {
  expect(windowsProgram('taskkill.exe', root)).toBe(expected);
});

describe('leaseIsAlive', () => {
  it('is true for a running process and false after a kill', async () => {
    const { child, lease } = await startChild();
    expect(await leaseIsAlive(lease)).toBe(true);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(await leaseIsAlive(lease)).toBe(false);
    expect(await processStartTime(lease.pid)).toBe('');
  });

  it.skipIf(!existsSync('/proc/self/stat'))('is false for a reused pid', async () => {
    const { lease } = await startChild();
    expect(await leaseIsAlive({ ...lease, startTime: `${Number(lease.startTime) - 1}` })).toBe(false);
  });

  it('relies on the pid alone without a start time', async () => {
    const { child, lease } = await startChild();
    expect(await leaseIsAlive({ ...lease, startTime: '' })).toBe(true);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(await leaseIsAlive({ ...lease, startTime: '' })).toBe(false);
  });

  it.each([0, -1, 1.5, Number.NaN])('never checks pid %s', async (pid) => {
    expect(await leaseIsAlive({ pid, startTime: '', nonce: '' })).toBe(false);
  });

  it.skipIf(!existsSync('/proc/self/stat'))('is false for a zombie process', async () => {
    // The shell starts a child and becomes `sleep`, which never reaps it.
    const parent = spawn('sh', ['-c', 'sleep 0 & echo $!; exec sleep 30'], { stdio: ['ignore', 'pipe', 'ignore'] });
    children.push(parent);
    const [output] = (await once(parent.stdout, 'data')) as [Buffer];
    const pid = Number(output.toString());
    await expect.poll(() => leaseIsAlive({ pid, startTime: '', nonce: '' })).toBe(false);
    expect(existsSync(`/proc/${pid}/stat`)).toBe(true);
  });
});

describe('processStartTime with ps', () => {
  const hasPs = spawnSync('ps', ['-o', 'lstart=', '-p', String(process.pid)]).status === 0;

  it.skipIf(!hasPs)('returns the same text on every call and in every time zone', async () => {
    const { lease } = await startChild();
    const zone = process.env['TZ'];
    const text = await processStartTime(lease.pid, 'darwin');
    try {
      process.env['TZ'] = 'Asia/Tokyo';
      expect(await processStartTime(lease.pid, 'darwin')).toBe(text);
    } finally {
      if (zone === undefined) delete process.env['TZ'];
      else process.env['TZ'] = zone;
    }
    // Milliseconds since 1970, rounded to a second; the child started within the last hour.
    expect(text).toMatch(/^\d{10}000$/u);
    expect(Math.abs(Date.now() - Number(text))).toBeLessThan(3_600_000);
    expect(await leaseIsAlive({ ...lease, startTime: text }, 'darwin')).toBe(true);
    expect(await leaseIsAlive({ ...lease, startTime: String(Number(text) + 999) }, 'darwin')).toBe(true);
    expect(await leaseIsAlive({ ...lease, startTime: String(Number(text) + 5000) }, 'darwin')).toBe(false);
    expect(await leaseIsAlive({ ...lease, startTime: 'unreadable' }, 'darwin')).toBe(false);
  });

  it('returns an empty text if the tool is missing', async () => {
    const path = process.env['PATH'];
    try {
      process.env['PATH'] = '/nowhere';
      expect(await processStartTime(process.pid, 'darwin')).toBe('');
      expect(await processStartTime(process.pid, 'win32')).toBe('');
    } finally {
      process.env['PATH'] = path;
    }
  });
});

describe('a Windows FILETIME', () => {
  it('is converted to milliseconds since 1970', () => {
    expect(millisecondsOfFileTime('116444736000000000\r\n')).toBe('0');
    // 2026-01-01T00:00:00.123Z
    expect(millisecondsOfFileTime('134116992001234567')).toBe(String(Date.UTC(2026, 0, 1) + 123));
    expect(millisecondsOfFileTime('')).toBeNull();
    expect(millisecondsOfFileTime('Get-Process : no such process')).toBeNull();
  });
});

describe('parseProcStat', () => {
  const tail = Array.from({ length: 30 }, (_, index) => String(index + 4)).join(' ');

  it('finds fields 3 and 22 after a name with spaces and brackets', () => {
    expect(parseProcStat(`12 (a) b (c d)) S ${tail}\n`)).toEqual({ state: 'S', startTime: '22' });
  });

  it.each(['', '12 name S 1 2', '12 (name) S 1 2', `12 (name) S ${tail.replace('22', 'x')}`])('rejects %j', (text) => {
    expect(parseProcStat(text)).toBeNull();
  });
});
