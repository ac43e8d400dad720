import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { openDatabase } from '../../extension/src/adapters/store/database/openDatabase.ts';
import { migrations } from '../../extension/src/adapters/store/migrations/all.ts';
import { openWorkspace } from '../../extension/src/composition/workspace.ts';
import { canTrace, killAtCall, killOnceReady, runToEnd } from './killing.ts';
import { dice, emptyFigures, order, type Scenario } from './scenario.ts';
import { checkDatabase } from './verdictLedger.ts';
import { builtPaths, makeCrashWorkspace, touchedPaths } from './workspace.ts';

/** A review is finished, and the process killed meanwhile: it is under review or finished, and finished if that was said. */
export const finishing: Scenario = async (scene) => {
  const [figures, random, trace] = [emptyFigures(), dice(scene), canTrace()];
  const folder = join(scene.home, 'workspace');
  await makeCrashWorkspace(folder, 4);
  const calls = ['fdatasync', 'pwrite64', 'fsync'];
  for (let round = 0; round < scene.rounds; round++) {
    const args = order(scene, { job: 'finish' });
    const call = calls[round % calls.length] ?? 'fsync';
    const ended =
      trace && round % 2 === 1
        ? await killAtCall(call, 1 + Math.floor(random() * 8), process.execPath, args, folder, touchedPaths(folder))
        : await killOnceReady(random() * 12, process.execPath, args, folder);
    figures.rounds++;
    if (ended.killed) figures.kills++;
    const said = ended.output.includes('finished');
    if (said) figures.acknowledged++;
    const { ports, close } = await openWorkspace({ folder, paths: builtPaths });
    const [session] = await ports.store.sessions.list();
    const iteration = (await ports.store.iterations.list(session?.id ?? 0)).at(-1);
    if (iteration === undefined || !['reviewing', 'completed'].includes(iteration.status)) {
      figures.torn++;
      scene.fault(`an iteration is ${iteration?.status ?? 'gone'} after its review was finished`);
    } else if (said && iteration.status !== 'completed') {
      figures.lost++;
      scene.fault('a review that was finished is open again');
    }
    if (iteration !== undefined)
      await ports.store.iterations.update(iteration.id, { status: 'reviewing', completedAt: null });
    await close();
    checkDatabase(join(folder, '.active-learning', 'sessions.db'), figures, scene.fault);
  }
  return figures;
};

const rowsToMigrate = 20_000;

/** A database of the first version is opened, and the process killed while it is brought up to date. */
export const migrating: Scenario = async (scene) => {
  if (!canTrace()) return 'strace is not installed, or may not trace here.';
  const [figures, random] = [emptyFigures(), dice(scene)];
  const old = join(scene.home, 'old.db');
  makeOldDatabase(old);
  const folder = join(scene.home, 'migrated');
  const database = join(folder, 'sessions.db');
  const calls = ['pwrite64', 'fdatasync', 'fsync', 'rename', 'unlink', 'openat', 'write'];
  for (let round = 0; round < scene.rounds; round++) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    copyFileSync(old, database);
    const call = calls[round % calls.length] ?? 'fsync';
    const n = 1 + Math.floor(random() * (call === 'pwrite64' ? 800 : 8));
    const args = order(scene, { job: 'open', folder });
    // Its log, the shared index and the copy are files of the same names plus an ending; all of the folder counts.
    const ended = await killAtCall(call, n, process.execPath, args, folder, filesOf(folder));
    figures.rounds++;
    if (ended.killed) figures.kills++;
    const again = await runToEnd(process.execPath, args, folder);
    if (again.exitCode === 0) figures.acknowledged++;
    else {
      figures.lost++;
      scene.fault(`${call} ${n}: a database does not open after its migration was killed: ${again.output}`);
    }
    const { connection } = openDatabase({ databasePath: database }, { now: () => new Date().toISOString() });
    const count = connection.get('SELECT count(*) AS images FROM images');
    connection.close();
    if (JSON.stringify(count) !== JSON.stringify({ images: rowsToMigrate })) {
      figures.lost++;
      scene.fault(`${call} ${n}: ${JSON.stringify(count)} of ${rowsToMigrate} images are there after a migration`);
    }
    checkDatabase(database, figures, scene.fault);
    const copies = readdirSync(folder).filter((name) => name.endsWith('.bak'));
    for (const name of copies) checkDatabase(join(folder, name), figures, scene.fault);
    if (copies.length === 0) {
      figures.lost++;
      scene.fault(`${call} ${n}: the copy of the database from before its migration is gone`);
    }
  }
  return figures;
};

/** What a migration touches: the database, what SQLite puts beside it, and the copy from before. */
function filesOf(folder: string): string[] {
  const database = join(folder, 'sessions.db');
  return [folder, ...['', '-wal', '-shm', '-journal', '.v1.bak', '.v1.bak.partial'].map((ending) => database + ending)];
}

function makeOldDatabase(path: string): void {
  if (existsSync(path)) return;
  const { connection } = openDatabase({ databasePath: path }, { now: () => '2026' }, migrations.slice(0, 1));
  connection.write(() => {
    connection.run(
      `INSERT INTO datasets(source, class_names, created_at)
       VALUES ('{"kind":"folder","path":"/x","classNames":["a"],"poolFolders":[]}', '["a"]', '2026')`,
    );
    connection.run(`INSERT INTO dataset_roots(dataset_id, path, kind) VALUES (1, '/x', 'dataset')`);
    for (let index = 0; index < rowsToMigrate; index++) {
      connection.run(
        `INSERT INTO images(dataset_id, root_id, relative_path, split, state, size, mtime_ms)
         VALUES (1, 1, ?, 'train', 'unlabelled', 1, 1)`,
        `images/${index}.jpg`,
      );
    }
  });
  connection.close();
}
