import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createUserRecord } from '../src/adapters/userRecord/createUserRecord.ts';
import { main } from '../src/cli/main.ts';
import { openWorkspace } from '../src/composition/workspace.ts';
import { duplicateSession, editSession } from '../src/workflow/session/sessions.ts';
import { hasPython, pickleThatCalls, python, weightsArchive } from './badInputs/weights.ts';
import { asSomebodyElse } from './support/somebodyElse.ts';
import { makeFakePython } from './support/fakePython.ts';
import { makeTinyDataset } from './support/tinyDataset.ts';

let home = '';
let workspace = '';
const { files: knownFiles } = createUserRecord();

beforeEach(async () => {
  home = realpathSync(mkdtempSync(join(tmpdir(), 'al-weights-')));
  workspace = join(home, 'parts');
  await makeTinyDataset({ folder: workspace, train: 4, labelled: 3, val: 2, size: 64 });
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

interface Answer {
  readonly code: number;
  readonly notes: string;
  /** The questions that were asked. */
  readonly asked: readonly string[];
}

/** Runs a command on the workspace; with `yes`, a person answers every question so. */
async function al(args: readonly string[], yes?: boolean): Promise<Answer> {
  const notes: string[] = [];
  const asked: string[] = [];
  const code = await main([...args, '--workspace', workspace], {
    print: () => undefined,
    note: (text) => notes.push(text),
    signal: new AbortController().signal,
    ...(yes === undefined ? {} : { ask: async (question: string) => (asked.push(question), yes) }),
  });
  return { code, notes: notes.join('\n'), asked };
}

const create = (weights: string): Promise<Answer> =>
  al(['create', '--data', workspace, '--name', 'Parts', '--weights', weights, '--imgsz', '64', '--epochs', '1']);

/** Files are known by their content, so each has unique content. */
function writeWeights(name: string, content: string | Uint8Array = randomUUID()): string {
  const path = join(home, name);
  writeFileSync(path, content);
  return path;
}

/** What the newest run was configured to load; null before the first. */
async function configured(): Promise<unknown> {
  const runs = join(workspace, '.active-learning', 'runs');
  const [run] = existsSync(runs) ? await readdir(runs) : [];
  return run === undefined ? null : JSON.parse(await readFile(join(runs, run, 'config.json'), 'utf8')).weights;
}

async function session() {
  const opened = await openWorkspace({ folder: workspace });
  const [row] = await opened.ports.store.sessions.list();
  const iterations = await opened.ports.store.iterations.list(row?.id ?? 0);
  await opened.close();
  return { baseModel: row?.baseModel, iterations };
}

const run = (...args: readonly string[]): Promise<Answer> => al(['run', '--python', join(home, 'python'), ...args]);

describe.skipIf(process.platform === 'win32')('weights on the command line', { timeout: 120_000 }, () => {
  /** The Python is a script that trains nothing, so that each run ends once its folder is prepared. */
  const prepared = { code: 1, notes: expect.stringContaining('trainer-not-started') };

  beforeEach(() => void makeFakePython(join(home, 'python')));

  test('"create" reports a path that leads nowhere, and creates nothing', async () => {
    const missing = join(home, 'nowhere', 'x.pt');
    const { code, notes } = await create(missing);
    expect([code, notes]).toEqual([1, expect.stringContaining(`weights-missing): There are no weights at ${missing}`)]);
    expect((await session()).baseModel).toBeUndefined();
  });

  test('a changed file is refused with the flag that chooses it again, and no iteration has failed', async () => {
    const base = writeWeights('base.pt');
    expect((await create(base)).code).toBe(0);
    writeFileSync(base, randomUUID());
    const refused = await run();
    expect(refused.code).toBe(1);
    expect(refused.notes).toContain('Error (weights-unknown): ');
    expect(refused.notes).toContain('add --weights <path> to run');
    expect(await configured()).toBeNull();
    expect((await session()).iterations).toEqual([]);
    expect(await run('--weights', base)).toMatchObject(prepared);
    expect(await configured()).toEqual({ source: base, allowDownload: false, sha256: expect.any(String) });
  });

  test('"run --weights" changes what the session starts from', async () => {
    await create(writeWeights('base.pt'));
    const better = writeWeights('better.pt');
    expect(await run('--weights', better)).toMatchObject(prepared);
    expect((await session()).baseModel).toBe(better);
    expect(await configured()).toMatchObject({ source: better });
    const missing = join(home, 'gone.pt');
    expect((await run('--weights', missing)).notes).toContain(`There are no weights at ${missing}`);
    expect((await session()).baseModel).toBe(better);
  });

  test('"--allow-unsafe-weights" lets the content run code that the file has now', async () => {
    const base = writeWeights('base.pt');
    await create(base);
    expect(await run('--allow-unsafe-weights')).toMatchObject(prepared);
    expect(await configured()).toMatchObject({ source: base, mayRunCode: true });
    expect(await knownFiles.isKnown(base, 'code')).toBe(true);
    writeFileSync(base, randomUUID());
    expect(await knownFiles.isKnown(base, 'code')).toBe(false);
  });

  test('"--allow-unsafe-weights" needs a file: a name may stand for another one tomorrow', async () => {
    await create('yolov8n.pt');
    const { code, notes } = await run('--allow-unsafe-weights');
    expect([code, notes]).toEqual([2, expect.stringContaining('needs a file, and the session starts from yolov8n.pt')]);
    expect(await configured()).toBeNull();
  });

  test('a yes to the sessions of a folder is a yes to the weights that they start from', async () => {
    const [base, gone] = [writeWeights('base.pt'), writeWeights('gone.pt')];
    await asSomebodyElse(home, async () => {
      await create(base);
      const opened = await openWorkspace({ folder: workspace });
      const [row] = await opened.ports.store.sessions.list();
      // One whose weights are gone stops nothing, nor does one that starts from a name.
      for (const baseModel of [gone, 'yolov8n.pt']) {
        const copy = await duplicateSession(opened.ports, row?.id ?? 0, baseModel);
        await editSession(opened.ports, copy.id, { baseModel });
      }
      await opened.close();
    });
    rmSync(gone);
    expect(await knownFiles.isKnown(base)).toBe(false);
    const refused = await al(['list'], false);
    expect(refused).toMatchObject({ code: 3, asked: ['Trust them?'], notes: expect.stringContaining(base) });
    expect(await knownFiles.isKnown(base)).toBe(false);
    expect(await al(['list'], true)).toMatchObject({ code: 0, asked: ['Trust them?'] });
    expect(await knownFiles.isKnown(base, 'user')).toBe(true);
    expect(await knownFiles.isKnown(base, 'code')).toBe(false);
    expect(await run('--session', '1')).toMatchObject(prepared);
  });
});

test.skipIf(!hasPython || process.platform === 'win32')(
  'weights that hold a program are loaded with the flag alone',
  { timeout: 300_000 },
  async () => {
    const mark = join(home, 'ran');
    const base = writeWeights('program.pt', weightsArchive(pickleThatCalls('posix', 'system', `touch '${mark}'`)));
    await create(base);
    const refused = await al(['run', '--python', python]);
    expect(refused.code).toBe(1);
    expect(refused.notes).toContain('Error (weights-unsafe): ');
    expect(refused.notes).toContain('add --allow-unsafe-weights to run');
    expect(existsSync(mark)).toBe(false);
    // The program runs; what it leaves is no detector.
    expect((await al(['run', '--python', python, '--allow-unsafe-weights'])).notes).toContain('weights-broken');
    expect(existsSync(mark)).toBe(true);
  },
);
