import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { win32 } from 'node:path';
import { execa } from 'execa';
import type { Lease } from '../../workflow/ports/store/leases.ts';

/** One nonce for the lifetime of this process. */
const nonce = randomUUID();
let ownStartTime: Promise<string> | undefined;

interface ProcessStat {
  /** One letter: R, S, D, Z, … */
  readonly state: string;
  /** Clock ticks since boot. */
  readonly startTime: string;
}

/**
 * State and start time from the text of `/proc/<pid>/stat` (proc(5), fields 3 and 22). The name in field 2 may contain
 * spaces and brackets, so split only the text after the last bracket. Null if the format is different.
 */
export function parseProcStat(text: string): ProcessStat | null {
  const fields = text
    .slice(text.lastIndexOf(')') + 1)
    .trim()
    .split(/\s+/u);
  const state = fields[0];
  const startTime = fields[19];
  if (!text.includes(')') || state === undefined || startTime === undefined || !/^\d+$/u.test(startTime)) return null;
  return { state, startTime };
}

async function procStat(pid: number): Promise<ProcessStat | null> {
  try {
    return parseProcStat(await readFile(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return null;
  }
}

/** `ps` prints local time without fractions; a fixed time zone and language make it parsable. */
async function startTimeByPs(pid: number): Promise<string> {
  const { stdout, failed } = await execa('ps', ['-o', 'lstart=', '-p', String(pid)], {
    env: { TZ: 'UTC0', LC_ALL: 'C' },
    reject: false,
    timeout: 10_000,
  });
  const milliseconds = failed ? Number.NaN : Date.parse(`${stdout.trim()} UTC`);
  return Number.isNaN(milliseconds) ? '' : String(milliseconds);
}

/** Converts a Windows FILETIME (100 ns steps since 1601, UTC) to milliseconds since 1970. Null for other texts. */
export function millisecondsOfFileTime(text: string): string | null {
  const digits = text.trim();
  return /^\d{12,19}$/u.test(digits) ? String(BigInt(digits) / 10_000n - 11_644_473_600_000n) : null;
}

/**
 * The full path of a Windows program in `System32`. With a bare name, Windows would prefer a program in the current
 * folder, which may be untrusted.
 */
export function windowsProgram(program: string, root = process.env['SystemRoot']): string {
  return win32.join(root !== undefined && win32.isAbsolute(root) ? root : 'C:\\Windows', 'System32', program);
}

async function startTimeByPowerShell(pid: number): Promise<string> {
  const command = `(Get-Process -Id ${pid} -ErrorAction Stop).StartTime.ToFileTimeUtc()`;
  const { stdout, failed } = await execa(
    windowsProgram('WindowsPowerShell\\v1.0\\powershell.exe'),
    ['-NoProfile', '-NonInteractive', '-Command', command],
    {
      reject: false,
      timeout: 20_000,
      windowsHide: true,
    },
  );
  return failed ? '' : (millisecondsOfFileTime(stdout) ?? '');
}

/**
 * Start time of a process as reported by the operating system, for comparison only.
 * Linux: field 22 of `/proc/<pid>/stat`, clock ticks since boot. Other systems: milliseconds since 1970 (macOS: rounded
 * to a second). The trainer writes the same value to a run's pid file.
 *
 * @returns an empty text if it cannot be read or the process does not exist.
 */
export async function processStartTime(pid: number, platform: NodeJS.Platform = process.platform): Promise<string> {
  if (platform === 'linux') return (await procStat(pid))?.startTime ?? '';
  return platform === 'win32' ? startTimeByPowerShell(pid) : startTimeByPs(pid);
}

/** The lease of this process; the same on every call. */
export async function currentLease(): Promise<Lease> {
  ownStartTime ??= processStartTime(process.pid);
  return { pid: process.pid, startTime: await ownStartTime, nonce };
}

/** Outside Linux, tools round differently. No pid is reused within two seconds. */
const toleranceMs = 2000;

function isSameStart(one: string, other: string, platform: NodeJS.Platform): boolean {
  return one === other || (platform !== 'linux' && Math.abs(Number(one) - Number(other)) <= toleranceMs);
}

function processExists(pid: number): boolean {
  // 0 and negative numbers are process groups.
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: the process exists, but belongs to another user.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/**
 * Whether the owner of a lease is still running: a process with its pid and start time exists. If a start time cannot be
 * read, or the lease has none, the pid alone decides, so that in doubt a running owner keeps its lease. A zombie process
 * counts as ended.
 */
export async function leaseIsAlive(lease: Lease, platform: NodeJS.Platform = process.platform): Promise<boolean> {
  if (!processExists(lease.pid)) return false;
  if (lease.pid === process.pid && lease.nonce === nonce) return true;
  if (platform === 'linux') {
    const stat = await procStat(lease.pid);
    if (stat === null) return processExists(lease.pid);
    return (
      !/^[ZXx]$/u.test(stat.state) && (lease.startTime === '' || isSameStart(stat.startTime, lease.startTime, platform))
    );
  }
  if (lease.startTime === '') return true;
  const startTime = await processStartTime(lease.pid, platform);
  return startTime === '' ? processExists(lease.pid) : isSameStart(startTime, lease.startTime, platform);
}
