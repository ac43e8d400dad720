import { Worker } from 'node:worker_threads';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ThreadRpc } from './threadRpc.ts';

const errors = {
  died: (what: string) => new Error(`died: ${what}`),
  thrown: ({ message }: { message: string }) => new Error(`thrown: ${message}`),
};

/** A thread that runs this source, with `port` for its side of the channel. */
function thread(source: string, onNotice?: (notice: unknown) => void): ThreadRpc {
  const start = `const port = require('node:worker_threads').parentPort; port.postMessage({ id: 0, ok: true, result: 'ready' });`;
  const rpc = new ThreadRpc(new Worker(`${start} ${source}`, { eval: true, execArgv: [] }), errors, onNotice);
  onTestFinished(async () => void (await rpc.worker.terminate()));
  return rpc;
}

describe('ThreadRpc', () => {
  it('matches responses to calls in any order', async () => {
    const rpc = thread(`const calls = []; port.on('message', (call) => {
      calls.push(call);
      if (calls.length === 2) for (const { id, method } of calls.reverse()) port.postMessage({ id, ok: true, result: method });
    });`);
    expect(await rpc.started).toBe('ready');
    expect(await Promise.all([rpc.call('first', []), rpc.call('second', [])])).toEqual(['first', 'second']);
    expect(rpc.waitingMs).toBe(0);
  });

  it('passes on notices and errors of calls', async () => {
    const notices: unknown[] = [];
    const source = `port.on('message', ({ id }) => {
      port.postMessage({ notice: 1 });
      port.postMessage({ id, ok: false, error: { message: 'no' } });
    });`;
    const rpc = thread(source, (notice) => notices.push(notice));
    await expect(rpc.call('any', [])).rejects.toThrow('thrown: no');
    expect(notices).toEqual([1]);
  });

  it.each([null, 'text', {}, { id: 1 }, { id: 1, ok: false }])('fails if the thread posts %j', async (message) => {
    const rpc = thread(`port.on('message', () => port.postMessage(${JSON.stringify(message)}));`);
    await expect(rpc.call('any', [])).rejects.toThrow('died: sent what is no answer');
    await expect(rpc.call('later', [])).rejects.toBe(rpc.failure);
  });

  it('fails if the thread takes longer than the limit', async () => {
    const rpc = thread('port.on("message", () => { for (;;); });');
    await rpc.started;
    rpc.limit(50);
    await expect(rpc.call('any', [])).rejects.toThrow('died: did not answer within 0.05 s');
  });

  it('fails a call whose value cannot be sent, and continues', async () => {
    const rpc = thread(`port.on('message', ({ id }) => port.postMessage({ id, ok: true, result: 1 }));`);
    await expect(rpc.call('any', [() => 1])).rejects.toMatchObject({ name: 'DataCloneError' });
    expect(await rpc.call('any', [])).toBe(1);
  });
});
