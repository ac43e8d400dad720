import { execa } from 'execa';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fakeLauncher, plan } from './testing/runs.ts';
import { trainerBench, runId, follow, died, processEnded, sequences, oneTo } from './testing/trainerBench.ts';
import { signal } from '../platform/processTree.ts';

const bench = trainerBench();

function parentScript(): string {
  const options = { runsFolder: join(bench.folder(), 'runs'), python: join(bench.folder(), 'python') };
  return `
    import { createTrainer } from ${JSON.stringify(new URL('trainer.ts', import.meta.url).href)};
    import { createUserRecord } from ${JSON.stringify(new URL('../userRecord/createUserRecord.ts', import.meta.url).href)};
    import { fakeLauncher } from ${JSON.stringify(new URL('testing/runs.ts', import.meta.url).href)};
    const trainer = createTrainer({
      ...${JSON.stringify({ ...options, trainerFolder: bench.folder() })},
      launcher: fakeLauncher({ epochMs: 30 }),
      leases: createUserRecord().runs(${JSON.stringify(bench.folderId())}),
    });
    const { pid } = await trainer.start(${JSON.stringify(runId)});
    process.stdout.write(String(pid), () => process.kill(process.pid, 'SIGKILL'));
  `;
}

describe('a parent that crashes', () => {
  it('does not end its training, and another parent follows it to the end', async () => {
    await bench.make().prepare({ ...bench.job(), plan: { ...plan, epochs: 20 } });
    // A separate process that starts the training and is killed immediately.
    const parent = execa(process.execPath, ['--input-type=module'], { reject: false, input: parentScript() });
    const { stdout, signal: endedBy } = await parent;
    expect(endedBy).toBe('SIGKILL');
    const { events, result } = await follow(bench.make());
    expect(events[0]).toMatchObject({ kind: 'started', pid: Number(stdout) });
    expect(sequences(events)).toEqual(oneTo(1 + 3 * 20 + 1));
    expect(result.status).toBe('finished');
  });
});

describe('a trainer that crashes', () => {
  it('is reported with the end of its log, resumes with the next sequence, and finishes', async () => {
    const dying = bench.make({ dieInEpoch: 2 });
    await dying.prepare(bench.job());
    await dying.start(runId);
    const first = await died(dying);
    expect(first.error).toMatchObject({
      name: 'TrainingError',
      code: 'trainer-died',
      message: expect.stringMatching(/after epoch 1 of 3.*\nabout to die in epoch 2$/s),
      where: bench.inRun('trainer.log'),
    });
    expect(sequences(first.events)).toEqual(oneTo(5));
    expect(await dying.isAlive(runId)).toBe(false);
    expect(await dying.result(runId)).toBeNull();

    await dying.prepare(bench.job());
    await dying.start(runId);
    const second = await follow(dying, 5);
    expect(second.events[0]).toMatchObject({ kind: 'started', sequence: 6, resumedAt: 1 });
    expect(sequences(second.events)).toEqual(oneTo(13).slice(5));
    expect(second.result).toMatchObject({ status: 'finished', epochsCompleted: 3 });
    expect(bench.warnings).toEqual([]);
  });

  it('is reported to its follower if another process kills it', async () => {
    const trainer = bench.make({ epochMs: 100_000 });
    await trainer.prepare(bench.job());
    const { pid } = await trainer.start(runId);
    const following = died(trainer);
    signal(pid, 'SIGKILL');
    expect((await following).error).toMatchObject({
      code: 'trainer-died',
      message: expect.stringContaining('before its first epoch was done'),
    });
  });

  it('during its start is reported with its output, without colours', async () => {
    const trainer = bench.make({ exitAtOnce: 7 });
    await trainer.prepare(bench.job());
    await expect(trainer.start(runId)).rejects.toMatchObject({
      code: 'trainer-not-started',
      message: 'The trainer did not start: it ended with code 7. The end of its log:\nno such thing',
    });
  });

  it('is killed if it does not write its pid file in time', async () => {
    let pid: number | undefined;
    const launcher = fakeLauncher({ mute: true });
    const trainer = bench.make(
      {},
      {
        launcher: {
          launch: async (command) => {
            const launched = await launcher.launch(command);
            ({ pid } = launched);
            return launched;
          },
        },
        timeouts: { pollMs: 10, startMs: 100 },
      },
    );
    await trainer.prepare(bench.job());
    await expect(trainer.start(runId)).rejects.toMatchObject({ code: 'trainer-not-started' });
    expect(pid).toBeDefined();
    await processEnded(pid ?? 0);
  });

  it('is reported if the system cannot start it', async () => {
    const launcher = fakeLauncher();
    const trainer = bench.make(
      {},
      { launcher: { launch: (command) => launcher.launch({ ...command, cwd: join(bench.folder(), 'gone') }) } },
    );
    await trainer.prepare(bench.job());
    await expect(trainer.start(runId)).rejects.toMatchObject({
      code: 'trainer-not-started',
      message: expect.stringContaining('ENOENT'),
    });
  });
});
