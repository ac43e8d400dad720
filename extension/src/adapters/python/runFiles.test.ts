import { execFileSync } from 'node:child_process';
import { mkdir, readFile, rename, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { follow, runId, trainerBench } from '../training/testing/trainerBench.ts';

const bench = trainerBench();

async function precious(): Promise<{ path: string; text: () => Promise<string> }> {
  const path = join(bench.folder(), 'precious');
  await writeFile(path, 'precious');
  return { path, text: () => readFile(path, 'utf8') };
}

describe.skipIf(process.platform === 'win32')('links in a run folder', () => {
  it.each(['trainer.log', 'cancel', 'config.json', 'pid', 'result.json'])('are not followed: %s', async (name) => {
    const { path, text } = await precious();
    const trainer = bench.make({ epochMs: 1 });
    await trainer.prepare(bench.job());
    if (name === 'config.json') await rename(bench.inRun(name), path);
    const before = await text();
    await symlink(path, bench.inRun(name));
    await trainer.start(runId).catch(() => undefined);
    await trainer.cancel(runId);
    await follow(trainer).catch(() => undefined);
    await trainer.result(runId).catch(() => undefined);
    expect(await text()).toBe(before);
  });

  it('are reported with the reason', async () => {
    const { path } = await precious();
    const trainer = bench.make();
    await trainer.prepare(bench.job());
    await symlink(path, bench.inRun('trainer.log'));
    await expect(trainer.start(runId)).rejects.toMatchObject({
      code: 'storage-link',
      message: expect.stringContaining(bench.inRun('trainer.log')),
      where: bench.inRun('trainer.log'),
    });
    await symlink(path, bench.inRun('result.json'));
    await expect(trainer.result(runId)).rejects.toMatchObject({ code: 'run-folder-unusable' });
  });

  it('are rejected in place of the run folder', async () => {
    const trainer = bench.make();
    const elsewhere = join(bench.folder(), 'elsewhere');
    await mkdir(elsewhere);
    await mkdir(join(bench.folder(), 'runs'));
    await symlink(elsewhere, bench.inRun());
    await expect(trainer.prepare(bench.job())).rejects.toMatchObject({ code: 'run-folder-unusable' });
    await expect(trainer.start(runId)).rejects.toMatchObject({ code: 'run-folder-unusable' });
    await trainer.cancel(runId);
    expect(bench.warnings).toEqual([expect.stringContaining('is a link')]);
  });

  it('and pipes do not block', async () => {
    const trainer = bench.make();
    await trainer.prepare(bench.job());
    for (const name of ['pid', 'result.json', 'events.jsonl', 'trainer.log', 'cancel']) {
      execFileSync('mkfifo', [bench.inRun(name)]);
    }
    await expect(trainer.result(runId)).rejects.toMatchObject({ code: 'run-folder-unusable' });
    expect(await trainer.isAlive(runId)).toBe(false);
    await expect(trainer.start(runId)).rejects.toMatchObject({ code: expect.any(String) });
    await expect(follow(trainer)).rejects.toMatchObject({ code: 'run-folder-unusable' });
  });
});

async function mode(path: string): Promise<string> {
  return ((await stat(path)).mode & 0o777).toString(8);
}

it.skipIf(process.platform === 'win32')('a run folder is private', async () => {
  const trainer = bench.make();
  await trainer.prepare(bench.job());
  await trainer.start(runId);
  await follow(trainer);
  expect(await mode(bench.inRun())).toBe('700');
  expect(await mode(bench.inRun('config.json'))).toBe('600');
  expect(await mode(bench.inRun('trainer.log'))).toBe('600');
});
