import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { endProcesses, markName, ownProcesses } from './processes.ts';

const forever = 'setInterval(() => {}, 1000)';
const deaf = `process.on('SIGTERM', () => {}); console.log(process.pid); ${forever}`;

function started(source: string, mark: string): ChildProcess {
  const env = { ...process.env, [markName]: mark };
  return spawn(process.execPath, ['-e', source], { env, detached: true, stdio: ['ignore', 'pipe', 'inherit'] });
}

async function printedPid(child: ChildProcess): Promise<number> {
  const [chunk] = child.stdout === null ? [''] : await once(child.stdout, 'data');
  return Number(String(chunk).trim());
}

describe.skipIf(process.platform !== 'linux')('endProcesses', () => {
  const children: ChildProcess[] = [];
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
  });

  it('ends what outlived its parent and ignores SIGTERM, and nothing else', async () => {
    const mark = `mark-${process.pid}-a`;
    const stranger = started(deaf, `mark-${process.pid}-b`);
    // The parent starts a process in its own session, as a terminal does, and ends.
    const orphaning = `const { spawn } = require('node:child_process');
      const child = spawn(process.execPath, ['-e', ${JSON.stringify(deaf)}], { detached: true, stdio: 'inherit' });
      child.unref();`;
    const parent = started(orphaning, mark);
    children.push(stranger, parent);
    // Both at once: Node throws away what a process printed that ended before anybody listened.
    const [strangerPid, orphanPid] = await Promise.all([printedPid(stranger), printedPid(parent)]);
    expect(ownProcesses(parent.pid ?? 0, mark)).toContain(orphanPid);
    await endProcesses(parent.pid ?? 0, mark);
    expect(ownProcesses(parent.pid ?? 0, mark)).toEqual([]);
    expect(stranger.exitCode).toBeNull();
    expect(ownProcesses(strangerPid, 'none')).toEqual([strangerPid]);
  });
});
