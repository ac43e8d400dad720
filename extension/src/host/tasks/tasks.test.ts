import { describe, expect, test } from 'vitest';
import type { LaunchCommand } from '../../adapters/training/launcher.ts';
import { LaunchMemory, type Memory } from './launchMemory.ts';
import { RunningTasks } from './runningTasks.ts';
import { runIdOf, trainDefinition } from './trainDefinition.ts';

function command(runId: string): LaunchCommand {
  return {
    runId,
    executable: '/venv/bin/python',
    args: ['-m', 'al_trainer', `/w/.active-learning/runs/${runId}`],
    env: { PYTHONPATH: '/ext/trainer', PYTHONUTF8: '1' },
    cwd: `/w/.active-learning/runs/${runId}`,
    logFile: `/w/.active-learning/runs/${runId}/trainer.log`,
  };
}

/** Keeps JSON, as VS Code does between two lives of a window. */
class JsonMemory implements Memory {
  readonly #values = new Map<string, string>();

  get(key: string): unknown {
    const text = this.#values.get(key);
    return text === undefined ? undefined : JSON.parse(text);
  }

  async update(key: string, value: unknown): Promise<void> {
    this.#values.set(key, JSON.stringify(value));
  }

  overwriteAll(value: unknown): void {
    for (const key of this.#values.keys()) this.#values.set(key, JSON.stringify(value));
  }
}

describe('the task definition', () => {
  test('contains the run id; other tasks have none', () => {
    expect(runIdOf(trainDefinition('s1-i2-ab'))).toBe('s1-i2-ab');
    expect(runIdOf({ type: 'npm', run: 's1-i2-ab' })).toBeNull();
    expect(runIdOf({ type: 'activeLearning.train' })).toBeNull();
    expect(runIdOf({ type: 'activeLearning.train', run: 7 })).toBeNull();
    expect(runIdOf({ type: 'activeLearning.train', run: '' })).toBeNull();
  });
});

describe('the memory of launches', () => {
  test('returns a run with its complete command after a reload', async () => {
    const memory = new JsonMemory();
    await new LaunchMemory(memory).remember(command('a'), 'file:///w');
    const afterReload = new LaunchMemory(memory);
    expect(afterReload.recall('a')).toEqual({ command: command('a'), folder: 'file:///w' });
    expect(afterReload.recall('b')).toBeNull();
  });

  test('keeps the last start of a run and forgets the oldest runs', async () => {
    const launches = new LaunchMemory(new JsonMemory());
    for (let n = 0; n < 25; n++) await launches.remember(command(`r${n}`), 'file:///w');
    await launches.remember({ ...command('r24'), executable: '/other/python' }, 'file:///w');
    expect(launches.recall('r4')).toBeNull();
    expect(launches.recall('r5')).not.toBeNull();
    expect(launches.recall('r24')?.command.executable).toBe('/other/python');
  });

  test('lists the runs of a folder', async () => {
    const launches = new LaunchMemory(new JsonMemory());
    await launches.remember(command('a'), 'file:///w');
    await launches.remember(command('b'), 'file:///other');
    await launches.remember(command('c'), 'file:///w');
    expect(launches.runsIn('file:///w')).toEqual(['a', 'c']);
    expect(launches.runsIn('file:///none')).toEqual([]);
  });

  test('ignores invalid entries and continues', async () => {
    const memory = new JsonMemory();
    const launches = new LaunchMemory(memory);
    await launches.remember(command('a'), 'file:///w');
    memory.overwriteAll([{ command: { runId: 'a', executable: 3 } }, null]);
    expect(launches.recall('a')).toBeNull();
    memory.overwriteAll('text');
    await launches.remember(command('b'), 'file:///w');
    expect(launches.recall('b')?.command).toEqual(command('b'));
  });
});

describe('a running task', () => {
  test('reports its process and its exit code', async () => {
    const tasks = new RunningTasks();
    const task = tasks.add('a', 'file:///w');
    task.onProcess(4711);
    expect(await task.started).toBe(4711);
    task.onProcessEnd(1);
    // VS Code says both; the first has the code.
    task.onTaskEnd();
    expect(await task.exited).toEqual({ exitCode: 1, error: undefined });
    expect(task.ended).toBe(true);
  });

  test('whose terminal was closed ends without an exit code and error', async () => {
    const task = new RunningTasks().add('a', 'file:///w');
    task.onProcess(4711);
    task.onTaskEnd();
    expect(await task.exited).toEqual({ exitCode: undefined, error: undefined });
  });

  test('that never had a process reports it', async () => {
    const task = new RunningTasks().add('a', 'file:///w');
    task.onTaskEnd();
    expect(await task.started).toBeUndefined();
    expect((await task.exited).error).toContain('could not start');
    const other = new RunningTasks().add('b', 'file:///w');
    other.onProcess(undefined);
    other.onProcessEnd(undefined);
    expect((await other.exited).error).toContain('could not start');
  });

  test('is found by its folder until it is removed', () => {
    const tasks = new RunningTasks();
    const task = tasks.add('a', 'file:///w');
    expect(tasks.add('a', 'file:///w')).toBe(task);
    expect(tasks.inFolder('file:///w')).toBe(task);
    expect(tasks.inFolder('file:///other')).toBeNull();
    tasks.remove('a');
    expect(tasks.inFolder('file:///w')).toBeNull();
  });
});
