import { readdir, readFile } from 'node:fs/promises';
import { execa } from 'execa';
import { windowsProgram } from './lease.ts';

/**
 * Kills a process and its descendants (data loaders). The caller must verify the pid. Lists descendants first, because
 * they lose their parent when it exits, and stops each process before listing its children, so that it cannot start
 * more.
 */
export async function killTree(pid: number): Promise<void> {
  if (process.platform === 'win32') {
    const options = { reject: false, stdio: 'ignore', windowsHide: true } as const;
    await execa(windowsProgram('taskkill.exe'), ['/pid', String(pid), '/t', '/f'], options);
    return;
  }
  const members = new Set<number>();
  for (
    let added = [pid];
    added.length > 0;
    added = descendants(pid, await parents()).filter((id) => !members.has(id))
  ) {
    for (const member of added) {
      signal(member, 'SIGSTOP');
      members.add(member);
    }
  }
  for (const member of members) signal(member, 'SIGKILL');
}

/** Sends a signal. A process that has already ended is not an error. */
export function signal(pid: number, name: 'SIGTERM' | 'SIGSTOP' | 'SIGKILL'): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

/** Children, grandchildren and so on, from the parent of every process. */
export function descendants(pid: number, parentOf: ReadonlyMap<number, number>): number[] {
  const found = new Set<number>();
  const waiting = [pid];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    for (const [child, parent] of parentOf) {
      if (parent !== next || child === pid || found.has(child)) continue;
      found.add(child);
      waiting.push(child);
    }
  }
  return [...found];
}

async function parents(): Promise<Map<number, number>> {
  return process.platform === 'linux' ? parentsFromProc() : parentsFromPs();
}

/** Reads /proc, because containers often lack `ps`. */
async function parentsFromProc(): Promise<Map<number, number>> {
  const parentOf = new Map<number, number>();
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = await readFile(`/proc/${name}/stat`, 'utf8');
      // The command is in parentheses and may itself contain spaces and parentheses.
      const parent = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1];
      parentOf.set(Number(name), Number(parent));
    } catch {
      // The process ended meanwhile.
    }
  }
  return parentOf;
}

async function parentsFromPs(): Promise<Map<number, number>> {
  const { stdout } = await execa('ps', ['-A', '-o', 'pid=,ppid='], { reject: false });
  const parentOf = new Map<number, number>();
  for (const line of stdout.split('\n')) {
    const [child, parent] = line.trim().split(/\s+/).map(Number);
    if (child && parent) parentOf.set(child, parent);
  }
  return parentOf;
}
