import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { leaseIsAlive } from './lease.ts';
import { descendants, killTree, signal } from './processTree.ts';

describe('descendants', () => {
  it('finds children of children, and no other processes', () => {
    const parentOf = new Map([
      [2, 1],
      [3, 2],
      [4, 3],
      [5, 2],
      [6, 1],
    ]);
    expect(descendants(2, parentOf).toSorted()).toEqual([3, 4, 5]);
    expect(descendants(6, parentOf)).toEqual([]);
  });

  it('terminates for any table, and never returns the process itself', () => {
    const table = fc.array(fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 })));
    fc.assert(
      fc.property(table, (pairs) => {
        expect(descendants(1, new Map(pairs))).not.toContain(1);
      }),
    );
  });
});

describe('killTree', () => {
  it('ends a process and its child', async () => {
    const script = `const c = require('child_process').spawn('sleep', ['1000']); console.log(c.pid); setInterval(() => {}, 1000)`;
    const parent = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'ignore'] });
    const [line] = await once(parent.stdout, 'data');
    const child = { pid: Number(line), startTime: '', nonce: '' };
    expect(await leaseIsAlive(child)).toBe(true);
    const ended = once(parent, 'exit');
    await killTree(parent.pid ?? 0);
    expect(await ended).toEqual([null, 'SIGKILL']);
    while (await leaseIsAlive(child)) await sleep(10);
  });

  it.skipIf(process.platform === 'win32')('ends children that start while it lists the processes', async () => {
    const script = 'i=0; while [ $i -lt 500 ]; do sleep 200 & echo $!; i=$((i+1)); done; wait';
    const parent = spawn('sh', ['-c', script], { stdio: ['ignore', 'pipe', 'ignore'] });
    // Each child keeps the pipe open, so it closes after the last one exits.
    const closed = once(parent, 'close');
    await once(parent.stdout, 'data');
    await killTree(parent.pid ?? 0);
    expect(await closed).toEqual([null, 'SIGKILL']);
  });

  it('ignores a process that has already ended', async () => {
    const child = spawn('true');
    await once(child, 'exit');
    expect(() => signal(child.pid ?? 0, 'SIGTERM')).not.toThrow();
  });
});
