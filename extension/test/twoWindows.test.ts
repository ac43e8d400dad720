import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openWorkspace } from '../src/composition/workspace.ts';
import { createSession } from '../src/workflow/session/sessions.ts';
import { sessionStatus } from '../src/workflow/session/status.ts';
import { poll } from './editor/support/poll.ts';
import { makeStagedTrainer, type StagedTrainer } from './editor/support/stagedTrainer.ts';
import { makePaintedDataset, rowOf, type PaintedObject } from './support/fakePorts.ts';
import { makeReviewWorkspace } from './support/reviewWorkspace.ts';
import { openWindow, type WindowOptions, type WindowProcess } from './support/windows.ts';

const spot: PaintedObject = { column: 2, row: 2, classId: 0, brightness: 200 };
const epochs = 6;
let folder = '';
let staged: StagedTrainer;
let windows: WindowProcess[] = [];

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'al two windows ')));
  staged = makeStagedTrainer(folder);
});

afterEach(async () => {
  for (const window of windows) await window.kill();
  windows = [];
  // A trainer outlives its window: it ends when it may take all its epochs.
  staged.allow(epochs);
  await poll('the end of every training', 20_000, async () => (runsAtWork().length === 0 ? true : undefined));
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

async function open(change: Partial<WindowOptions> = {}): Promise<WindowProcess> {
  const window = await openWindow({ folder, python: staged.python, ...change });
  windows.push(window);
  return window;
}

/** A session with labelled images and a pool. */
async function makeSession(): Promise<number> {
  const labelled = { spots: [spot], label: `${rowOf(spot)}\n` };
  const known = Object.fromEntries(['a', 'b', 'c', 'd', 'e'].map((name) => [name, labelled]));
  const path = await makePaintedDataset(folder, { ...known, f: { spots: [spot] }, g: { spots: [] } });
  const { ports, close } = await openWorkspace({ folder });
  const settings = { name: 'S', baseModel: 'yolov8n.yaml', imageSize: 64, epochs };
  const { session } = await createSession(ports, { kind: 'yaml', path, poolFolders: [] }, settings);
  await close();
  return session.id;
}

type Event = Readonly<Record<string, unknown>>;

/** The events of every training run of the workspace. */
function runs(): Event[][] {
  const place = join(folder, '.active-learning', 'runs');
  const names = (() => {
    try {
      return readdirSync(place).filter((name) => /^s\d+-i\d+-/.test(name));
    } catch {
      return [];
    }
  })();
  return names.map((name) => {
    try {
      const lines = readFileSync(join(place, name, 'events.jsonl'), 'utf8')
        .split('\n')
        .slice(0, -1);
      return lines.map((line) => JSON.parse(line) as Event);
    } catch {
      return [];
    }
  });
}

const started = (): Event[] => runs().flatMap((events) => events.filter(({ kind }) => kind === 'started'));
const epochsDone = (): number => runs().flatMap((events) => events.filter(({ kind }) => kind === 'epoch')).length;

/** Trainings that began and have not ended. */
function runsAtWork(): unknown[] {
  return runs()
    .filter((events) => events.length > 0 && !events.some(({ kind }) => kind === 'finished' || kind === 'failed'))
    .map((events) => events[0]?.['pid']);
}

async function trainingAtEpoch(count: number): Promise<void> {
  staged.allow(count);
  await expect.poll(epochsDone, { timeout: 60_000 }).toBe(count);
}

describe('two windows on one workspace', { timeout: 180_000 }, () => {
  test('train once, however often it is asked for', async () => {
    const sessionId = await makeSession();
    const [one, two] = [await open(), await open()];
    const results = Promise.all([one.ask('run', sessionId), two.ask('run', sessionId)]);
    await trainingAtEpoch(2);
    expect([await one.ask('kindOfInterrupted'), await two.ask('kindOfInterrupted')]).toContain('elsewhere');
    expect(await one.ask('run', sessionId)).toBe('busy-elsewhere');
    staged.allow(epochs);
    expect((await results).toSorted()).toEqual(['busy-elsewhere', 'reviewing']);
    expect(started()).toHaveLength(1);
    expect(epochsDone()).toBe(epochs);
  });

  test('hand a training over without stopping it', async () => {
    const sessionId = await makeSession();
    const [one, two] = [await open(), await open()];
    const first = one.ask('run', sessionId);
    await trainingAtEpoch(2);
    expect(await two.ask('requestHandover', 20_000)).toBe(true);
    expect(await first).toBe('handed over');
    expect(await two.ask('kindOfInterrupted')).toBe('working');
    const second = two.ask('run', sessionId);
    await trainingAtEpoch(4);
    expect(await one.ask('kindOfInterrupted')).toBe('elsewhere');
    staged.allow(epochs);
    expect(await second).toBe('reviewing');
    expect(started()).toHaveLength(1);
    expect(await one.ask('kindOfInterrupted')).toBeNull();
  });

  test('hand over what a window without a page waits for in vain', async () => {
    const sessionId = await makeSession();
    const [one, two] = [await open({ stuck: true }), await open()];
    const first = one.ask('run', sessionId);
    await expect.poll(() => two.ask('kindOfInterrupted'), { timeout: 60_000 }).toBe('elsewhere');
    expect(await two.ask('requestHandover', 20_000)).toBe(true);
    expect(await first).toBe('handed over');
    staged.allow(epochs);
    expect(await two.ask('run', sessionId)).toBe('reviewing');
    expect(started()).toHaveLength(1);
  });

  test('take up what a window that died left, with the same trainer', async () => {
    const sessionId = await makeSession();
    const [one, two] = [await open(), await open()];
    const lost = one.ask('run', sessionId).catch(() => 'lost');
    await trainingAtEpoch(2);
    // A window that hangs cannot let go, and is not robbed of its work as long as it lives.
    process.kill(one.pid, 'SIGSTOP');
    expect(await two.ask('requestHandover', 500)).toBe(false);
    expect(await two.ask('run', sessionId)).toBe('busy-elsewhere');
    await one.kill();
    expect(await lost).toBe('lost');
    expect(await two.ask('kindOfInterrupted')).toBe('working');
    staged.allow(epochs);
    expect(await two.ask('run', sessionId)).toBe('reviewing');
    expect(started()).toHaveLength(1);
  });

  test('neither delete nor complete what the other one evaluates, and an edit waits for the next iteration', async () => {
    const sessionId = await makeSession();
    const [one, two] = [await open({ silent: true }), await open()];
    const first = one.ask('run', sessionId).catch(() => 'lost');
    staged.allow(epochs);
    const { ports, close } = await openWorkspace({ folder });
    try {
      const status = async (): Promise<string | undefined> =>
        (await ports.store.iterations.list(sessionId)).at(-1)?.status;
      await expect.poll(status, { timeout: 60_000 }).toBe('evaluating');
      // Its trainer is done: only the lease shows that a window is at work.
      await expect.poll(runsAtWork).toEqual([]);
      expect(await two.ask('remove', sessionId)).toBe('session-busy');
      expect(await two.ask('complete', sessionId)).toBe('session-busy');
      const { actions } = await sessionStatus(ports, sessionId);
      const enabled = actions.filter((entry) => entry.enabled).map(({ action }) => action);
      expect(enabled).toContain('cancel-iteration');
      expect(enabled).not.toContain('complete-session');
      expect(enabled).not.toContain('resume-iteration');
      expect(await two.ask('edit', sessionId, { name: 'Renamed', epochs: 9 })).toBe('done');
      expect(await status()).toBe('evaluating');
      // Nobody is at work any more.
      await one.kill();
      expect(await first).toBe('lost');
      expect(await two.ask('run', sessionId)).toBe('reviewing');
      expect(epochsDone()).toBe(epochs);
      expect(await ports.store.sessions.get(sessionId)).toMatchObject({ name: 'Renamed', epochs: 9 });
      expect(await two.ask('complete', sessionId)).toBe('done');
      expect(await two.ask('remove', sessionId)).toBe('done');
      expect(await ports.store.sessions.list()).toEqual([]);
    } finally {
      await close();
    }
  });

  test('lose no verdict: of two at the same moment one counts, and the other window reports it', async () => {
    const samples = 12;
    const workspace = await makeReviewWorkspace(folder, { samples });
    const [one, two] = [await open(), await open()];
    const { ports, close } = await openWorkspace({ folder });
    try {
      const ids = (await ports.store.samples.list(workspace.iterationId)).map(({ id }) => id);
      for (const id of ids) {
        const answers = await Promise.all([
          one.ask('submit', id, { verdict: 'accepted' }),
          two.ask('submit', id, { verdict: 'rejected-background' }),
        ]);
        const verdicts = answers.filter((answer) => answer === 'accepted' || answer === 'rejected-background');
        const refusals = answers.filter((answer) => answer !== 'accepted' && answer !== 'rejected-background');
        // Wherever the other window was: before its verdict, in it, or with its file just written.
        expect(refusals.every((code) => code === 'verdict-changed')).toBe(true);
        expect(verdicts.length).toBeGreaterThan(0);
        // Either one was refused, or one came after the other and was an open change of mind.
        const sample = await ports.store.samples.get(id);
        expect(verdicts).toContain(sample?.verdict);
        const history = await ports.store.labelEvents.history(sample?.imageId ?? 0);
        const done = history.filter(({ state }) => state === 'done');
        expect(done).toHaveLength(verdicts.length);
        expect(done.at(-1)?.verdictAfter).toBe(sample?.verdict);
      }
      const [first] = await ports.store.labelEvents.history(workspace.imageId).then((all) => all.slice(-1));
      expect(workspace.labelText()).toBe(first?.after ? Buffer.from(first.after).toString('utf8') : null);
      expect(await ports.store.labelEvents.pending()).toEqual([]);
      // One window takes back what the other did, and that one sees it.
      const version = await one.ask('dataVersion');
      const last = await two.ask('undo', workspace.iterationId);
      expect((await ports.store.samples.get(last))?.verdict).toBeNull();
      expect(await one.ask('dataVersion')).not.toBe(version);
    } finally {
      await close();
    }
  });
});
