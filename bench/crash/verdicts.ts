import { join } from 'node:path';
import { canTrace, killAtCall, killOnceReady } from './killing.ts';
import { dice, emptyFigures, order, type Scenario } from './scenario.ts';
import { VerdictLedger } from './verdictLedger.ts';
import { makeCrashWorkspace, touchedPaths } from './workspace.ts';

/** A reviewer is killed at any moment. */
export const verdictsAtRandomTimes: Scenario = async (scene) => {
  const [figures, random] = [emptyFigures(), dice(scene)];
  const folder = join(scene.home, 'workspace');
  await makeCrashWorkspace(folder);
  const ledger = new VerdictLedger(folder, figures, scene.fault);
  for (let round = 0; round < scene.rounds; round++) {
    const args = order(scene, { seed: scene.seed + round });
    const ended = await killOnceReady(random() * 400, process.execPath, args, folder);
    figures.rounds++;
    if (ended.killed) figures.kills++;
    else scene.fault(`a reviewer ended by itself: ${ended.output}`);
    await ledger.check(ledger.take(join(scene.home, 'verdicts.log')));
  }
  return figures;
};

/** What a verdict asks of the system on label files and the database: each call is a place to die. */
const calls = ['fsync', 'fdatasync', 'rename', 'unlink', 'pwrite64', 'openat', 'ftruncate'];

/** A reviewer is killed at its n-th call of what a verdict asks of the system. */
export const verdictsAtSystemCalls: Scenario = async (scene) => {
  if (!canTrace()) return 'strace is not installed, or may not trace here.';
  const [figures, random] = [emptyFigures(), dice(scene)];
  const folder = join(scene.home, 'workspace');
  await makeCrashWorkspace(folder);
  const ledger = new VerdictLedger(folder, figures, scene.fault);
  for (let round = 0; round < scene.rounds; round++) {
    const call = calls[round % calls.length] ?? 'fsync';
    const n = 1 + Math.floor(random() * 10);
    const args = order(scene, { seed: scene.seed + round, count: 12 });
    const ended = await killAtCall(call, n, process.execPath, args, folder, touchedPaths(folder));
    figures.rounds++;
    if (ended.killed) figures.kills++;
    else if (ended.exitCode !== 0) scene.fault(`${call} ${n}: a reviewer failed: ${ended.output}`);
    await ledger.check(ledger.take(join(scene.home, 'verdicts.log')));
  }
  return figures;
};

/** Two reviewers of one batch, one of them killed. */
export const twoReviewers: Scenario = async (scene) => {
  const [figures, random] = [emptyFigures(), dice(scene)];
  const folder = join(scene.home, 'workspace');
  await makeCrashWorkspace(folder);
  for (let round = 0; round < scene.rounds; round++) {
    // Of two that write at the same time nobody knows from outside which was later: the journal does, and it is checked.
    const ledger = new VerdictLedger(folder, figures, scene.fault);
    const one = order(scene, { seed: scene.seed + 2 * round, log: join(scene.home, `one-${round}.log`) });
    const other = order(scene, { seed: scene.seed + 2 * round + 1, log: join(scene.home, `other-${round}.log`) });
    const ends = await Promise.all([
      killOnceReady(random() * 400, process.execPath, one, folder),
      killOnceReady(400 + random() * 400, process.execPath, other, folder),
    ]);
    figures.rounds++;
    figures.kills += ends.filter(({ killed }) => killed).length;
    const before = figures.acknowledged;
    ledger.countOnly(join(scene.home, `one-${round}.log`));
    ledger.countOnly(join(scene.home, `other-${round}.log`));
    if (figures.acknowledged === before) scene.fault('no verdict was acknowledged in a round of two reviewers');
    await ledger.check(new Map());
  }
  return figures;
};
