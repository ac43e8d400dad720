import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { canTrace, failAtCall, runToEnd } from './killing.ts';
import { dice, emptyFigures, order, type Scenario } from './scenario.ts';
import { VerdictLedger } from './verdictLedger.ts';
import { makeCrashWorkspace } from './workspace.ts';

/** The largest free space that is tried, blocks: a verdict writes less. */
const mostBlocks = 48;

/** Verdicts on a disk with room for 0, 1, 2, … blocks, then with room again: what failed must not replace what came later. */
export const fullDisk: Scenario = async (scene) => {
  const disk = join(scene.home, 'disk');
  mkdirSync(disk);
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', disk]).status !== 0) {
    return 'a small disk cannot be mounted here; this needs Linux and root.';
  }
  try {
    const figures = emptyFigures();
    const folder = join(disk, 'workspace');
    for (let round = 0; round < scene.rounds; round++) {
      rmSync(folder, { recursive: true, force: true });
      await makeCrashWorkspace(folder, 6);
      const log = join(scene.home, `full-${round}.log`);
      const ledger = new VerdictLedger(folder, figures, scene.fault);
      const filler = join(disk, 'filler');
      // One process: verdicts that fail and then, with room again, verdicts that do not.
      const full = { file: filler, freeBlocks: round % mostBlocks, verdicts: 8 };
      const args = order(scene, { seed: scene.seed + round, folder, log, count: 24, full });
      const ended = await runToEnd(process.execPath, args, disk);
      rmSync(filler, { force: true });
      figures.rounds++;
      if (ended.exitCode !== 0) scene.fault(`${full.freeBlocks} blocks: ${ended.output}`);
      await ledger.check(ledger.take(log));
    }
    return figures;
  } finally {
    spawnSync('umount', [disk]);
  }
};

const brokenCalls = ['fsync', 'rename', 'fdatasync', 'pwrite64', 'unlink', 'write'];

/** A call on the label folder or the database fails with EIO or ENOSPC in the middle of a verdict. */
export const failingDisk: Scenario = async (scene) => {
  if (!canTrace()) return 'strace is not installed, or may not trace here.';
  const [figures, random] = [emptyFigures(), dice(scene)];
  const folder = join(scene.home, 'workspace');
  await makeCrashWorkspace(folder);
  const labels = join(folder, 'labels', 'train');
  const database = join(folder, '.active-learning', 'sessions.db');
  const ledger = new VerdictLedger(folder, figures, scene.fault);
  for (let round = 0; round < scene.rounds; round++) {
    const call = brokenCalls[round % brokenCalls.length] ?? 'fsync';
    const error = round % 4 === 3 ? 'ENOSPC' : 'EIO';
    const paths =
      call === 'rename' || call === 'unlink' ? [] : round % 2 === 0 ? [labels] : [database, `${database}-wal`];
    const n = 1 + Math.floor(random() * 5);
    const args = order(scene, { seed: scene.seed + round, count: 12 });
    const ended = await failAtCall(call, error, n, paths, process.execPath, args, folder);
    figures.rounds++;
    if (ended.exitCode !== 0 && !/IOERR|EIO|ENOSPC|disk|cannot|could not/i.test(ended.output)) {
      scene.fault(`${call} ${n} ${error}: ${ended.output}`);
    }
    await ledger.check(ledger.take(join(scene.home, 'verdicts.log')));
  }
  return figures;
};
