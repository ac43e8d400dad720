import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** Every process a server starts inherits this variable, so that its own ones are known even after their parents died. */
export const markName = 'AL_EDITOR_MARK';

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function marked(mark: string): number[] {
  const wanted = `${markName}=${mark}`;
  const pids: number[] = [];
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      if (readFileSync(`/proc/${name}/environ`, 'utf8').split('\0').includes(wanted)) pids.push(Number(name));
    } catch {
      // The process has ended meanwhile, or belongs to someone else.
    }
  }
  return pids;
}

function descendants(pid: number): number[] {
  const listing = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' });
  const rows = listing.split('\n').map((line) => line.trim().split(/\s+/).map(Number));
  const tree = [pid];
  for (const parent of tree) {
    for (const [child, itsParent] of rows) if (child !== undefined && itsParent === parent) tree.push(child);
  }
  return tree;
}

/** Whether a process of this user runs. A process of another user counts as ended. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // A zombie waits for its parent alone and holds nothing.
    return process.platform !== 'linux' || !/^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      // It has ended meanwhile.
    }
  }
}

/** The process ids of what the server with this pid and mark started, itself included. */
export function ownProcesses(pid: number, mark: string): number[] {
  const tree = isAlive(pid) ? descendants(pid) : [];
  const others = process.platform === 'linux' ? marked(mark) : [];
  return [...new Set([...tree, ...others])].filter((own) => own !== process.pid && isAlive(own));
}

/** Ends a server with everything it started: asks first, then forces. Touches no other process. */
export async function endProcesses(pid: number, mark: string): Promise<void> {
  let left = ownProcesses(pid, mark);
  for (const [signal, tries] of [
    ['SIGTERM', 30],
    ['SIGKILL', 20],
  ] as const) {
    signalAll(left, signal);
    for (let attempt = 0; attempt < tries && left.some(isAlive); attempt += 1) await pause(100);
    // What was started while the rest was ending is known by the mark alone.
    left = [...new Set([...left, ...ownProcesses(pid, mark)])].filter(isAlive);
    if (left.length === 0) return;
  }
}

/** Ends them at once, for a process that is ending itself and can wait for nothing. */
export function killProcesses(pid: number, mark: string): void {
  signalAll(ownProcesses(pid, mark), 'SIGKILL');
}
