import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { makeTinyDataset } from '../../extension/test/support/tinyDataset.ts';
import { root } from './root.ts';
import type { Fault, Figures } from './figures.ts';
import { canTrace, killAfter, killAtCall, runToEnd, type Ended } from './killing.ts';
import { dice, emptyFigures, type Scenario } from './scenario.ts';
import { checkDatabase } from './verdictLedger.ts';
import { cli, labelFiles } from './workspace.ts';

const python = join(root, 'trainer', '.venv', 'bin', 'python');
const epochs = 40;

/**
 * A real session: the trainer is killed during its epochs, then its parent, then both; scoring is killed with its workers;
 * and an export is killed. A third of the rounds each.
 */
export const training: Scenario = async (scene) => {
  if (!existsSync(python)) return 'the training environment is not set up; run "npm run setup".';
  const figures = emptyFigures();
  const folder = join(scene.home, 'trained');
  mkdirSync(folder);
  const { yaml, architecture } = await makeTinyDataset({ folder, train: 60, labelled: 12, val: 4, size: 64 });
  const al = (...args: readonly string[]): Promise<Ended> => runToEnd(process.execPath, [cli, ...args], folder);
  const settings = [
    '--weights',
    architecture,
    '--imgsz',
    '64',
    '--epochs',
    String(epochs),
    '--batch',
    '4',
    '--device',
    'cpu',
  ];
  const created = await al('create', '--data', yaml, '--name', 'Crash', ...settings);
  if (created.exitCode !== 0) throw new Error(`The session was not made: ${created.output}`);
  const stage: Stage = { folder, figures, fault: scene.fault, random: dice(scene), labels: digestOf(folder) };
  const rounds = Math.max(1, Math.round(scene.rounds / 3));
  for (let round = 0; round < rounds; round++) await killTraining(stage, round);
  await finishRun(stage);
  for (let round = 0; round < rounds; round++) await killScoring(stage);
  await finishRun(stage);
  checkScores(stage);
  for (let round = 0; round < rounds; round++) await killExport(stage, join(scene.home, 'exported'), round);
  return figures;
};

interface Stage {
  readonly folder: string;
  readonly figures: Figures;
  readonly fault: Fault;
  readonly random: () => number;
  /** Of all label files, as they were at first. */
  readonly labels: string;
}

const sessionsOf = ({ folder }: Stage): string => join(folder, '.active-learning', 'sessions.db');

function digestOf(folder: string): string {
  const hash = createHash('sha256');
  for (const [name, bytes] of [...labelFiles(folder)].toSorted()) hash.update(name).update(bytes);
  return hash.digest('hex');
}

function checkStage(stage: Stage): void {
  checkDatabase(sessionsOf(stage), stage.figures, stage.fault);
  if (digestOf(stage.folder) === stage.labels) return;
  stage.figures.torn++;
  stage.fault('label files changed during a training');
}

/** Starts an iteration, and waits until it has got somewhere. */
async function untilEpoch(stage: Stage, more: number): Promise<{ pid: number; ended: Promise<unknown> }> {
  const seen = countEpochs(stage);
  const child = spawn(process.execPath, [cli, 'run', '--python', python], { cwd: stage.folder, stdio: 'ignore' });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  for (let waited = 0; waited < 1200; waited++) {
    if (child.exitCode !== null || countEpochs(stage) >= seen + more) break;
    await sleep(100);
  }
  return { pid: child.pid ?? 0, ended };
}

async function killTraining(stage: Stage, round: number): Promise<void> {
  const { pid, ended } = await untilEpoch(stage, 1 + Math.floor(stage.random() * 3));
  await sleep(stage.random() * 300);
  const who = (['trainer', 'owner', 'both'] as const)[round % 3];
  if (who !== 'owner') stage.figures.kills += killed(trainerPid(stage));
  if (who !== 'trainer') stage.figures.kills += killed(pid);
  await ended;
  stage.figures.rounds++;
  const run = newestRun(stage);
  const lines = run === null ? [] : eventLines(run);
  const sequences = lines.map((line) => (JSON.parse(line) as { sequence: number }).sequence);
  if (sequences.some((sequence, index) => sequence !== index + 1)) {
    stage.figures.torn++;
    stage.fault(`the events of a training have a gap: ${sequences.join(' ')}`);
  }
  checkStage(stage);
}

/** Runs the iteration to its review, which must be possible after whatever was killed. */
async function finishRun(stage: Stage): Promise<void> {
  const ended = await runToEnd(process.execPath, [cli, 'run', '--python', python], stage.folder, 300_000);
  if (ended.exitCode === 0) {
    stage.figures.acknowledged++;
  } else {
    stage.figures.lost++;
    stage.fault(`an iteration does not go on after it was killed: ${ended.output}`);
  }
  checkStage(stage);
}

async function killScoring(stage: Stage): Promise<void> {
  const database = new Database(sessionsOf(stage));
  database.pragma('foreign_keys = ON');
  if (stage.random() < 0.5) database.exec('DELETE FROM predictions');
  database.exec(`DELETE FROM uncertain_samples; UPDATE training_iterations SET status = 'scoring'`);
  database.close();
  const args = [cli, 'run', '--python', python];
  const ended = await killAfter(400 + stage.random() * 1500, process.execPath, args, stage.folder);
  stage.figures.rounds++;
  if (ended.killed) stage.figures.kills++;
  checkStage(stage);
}

/** Each image of the pool is scored once, whatever was killed on the way. */
function checkScores(stage: Stage): void {
  const database = new Database(sessionsOf(stage), { readonly: true });
  const row = database
    .prepare(
      `SELECT (SELECT count(*) FROM predictions) AS predictions, (SELECT count(DISTINCT image_id) FROM predictions) AS images,
              (SELECT count(*) FROM uncertain_samples) AS samples`,
    )
    .get() as { predictions: number; images: number; samples: number };
  database.close();
  if (row.predictions === row.images && row.images > 0 && row.samples > 0) return;
  stage.figures.lost++;
  stage.fault(`after scoring was killed there are ${JSON.stringify(row)}`);
}

const exportCalls = ['write', 'rename', 'fsync', 'copy_file_range', 'openat', 'pwrite64'];

async function killExport(stage: Stage, to: string, round: number): Promise<void> {
  if (round % 5 === 0) rmSync(to, { recursive: true, force: true });
  const args = [cli, 'export', '--to', to];
  const call = exportCalls[round % exportCalls.length] ?? 'write';
  const ended =
    canTrace() && round % 2 === 1
      ? await killAtCall(call, 1 + Math.floor(stage.random() * 30), process.execPath, args, stage.folder)
      : await killAfter(150 + stage.random() * 700, process.execPath, args, stage.folder);
  stage.figures.rounds++;
  if (ended.killed) stage.figures.kills++;
  for (const name of existsSync(to) ? readdirSync(to) : []) {
    const path = join(to, name);
    // A temporary file may be left by a kill; the next export clears it away.
    if (name.endsWith('.tmp')) continue;
    if (statSync(path).size === 0 || (name.endsWith('.json') && !isJson(path))) {
      stage.figures.torn++;
      stage.fault(`${name} of a killed export is not whole`);
    }
  }
  const again = await runToEnd(process.execPath, args, stage.folder);
  if (again.exitCode === 0) stage.figures.acknowledged++;
  else {
    stage.figures.lost++;
    stage.fault(`an export fails after one was killed: ${again.output}`);
  }
  const left = existsSync(to) ? readdirSync(to).filter((name) => name.endsWith('.tmp')) : [];
  if (left.length > 0) {
    stage.figures.torn++;
    stage.fault(`temporary files of a killed export are left: ${left.join(', ')}`);
  }
}

function isJson(path: string): boolean {
  try {
    JSON.parse(readFileSync(path, 'utf8'));
    return true;
  } catch {
    return false;
  }
}

function newestRun({ folder }: Stage): string | null {
  const runs = join(folder, '.active-learning', 'runs');
  const names = existsSync(runs)
    ? readdirSync(runs).filter((name) => existsSync(join(runs, name, 'events.jsonl')))
    : [];
  const byAge = names.toSorted((a, b) => statSync(join(runs, a)).mtimeMs - statSync(join(runs, b)).mtimeMs);
  const newest = byAge.at(-1);
  return newest === undefined ? null : join(runs, newest);
}

function eventLines(run: string): string[] {
  return readFileSync(join(run, 'events.jsonl'), 'utf8').split('\n').slice(0, -1);
}

function countEpochs(stage: Stage): number {
  const run = newestRun(stage);
  return run === null
    ? 0
    : eventLines(run).filter((line) => line.includes('"kind": "epoch"') || line.includes('"kind":"epoch"')).length;
}

function trainerPid(stage: Stage): number {
  const run = newestRun(stage);
  const started = run === null ? undefined : eventLines(run).findLast((line) => line.includes('"started"'));
  return started === undefined ? 0 : (JSON.parse(started) as { pid: number }).pid;
}

function killed(pid: number): number {
  try {
    if (pid <= 1) return 0;
    process.kill(pid, 'SIGKILL');
    return 1;
  } catch {
    return 0;
  }
}
