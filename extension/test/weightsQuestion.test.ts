import { randomUUID } from 'node:crypto';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { openWorkspace, type Workspace } from '../src/composition/workspace.ts';
import { TrainingError } from '../src/core/session/errors.ts';
import type { SessionRef } from '../src/host/workspace/folderContext.ts';
import { runIteration } from '../src/workflow/iteration/runIteration.ts';
import { createSession } from '../src/workflow/session/sessions.ts';
import { editorState } from './support/editorState.ts';
import { makePaintedDataset, rowOf, type PaintedObject } from './support/fakePorts.ts';
import { makeFakePython } from './support/fakePython.ts';
import { fakeVscode } from './support/fakeVscode.ts';

vi.mock('vscode', () => fakeVscode);
const { confirmWeights } = await import('../src/host/trust/weightsTrust.ts');

const spot: PaintedObject = { column: 1, row: 1, classId: 0, brightness: 250 };
let home = '';
let workspace: Workspace;
let base = '';

beforeEach(async () => {
  home = realpathSync(mkdtempSync(join(tmpdir(), 'al-question-')));
  editorState.seen = [];
  editorState.choose = () => undefined;
  base = join(home, 'base.pt');
  writeFileSync(base, randomUUID());
  const { path: python } = makeFakePython(join(home, 'python'));
  workspace = await openWorkspace({ folder: home, python });
});
afterEach(async () => {
  await workspace.close();
  rmSync(home, { recursive: true, force: true });
});

async function session(baseModel: string): Promise<SessionRef> {
  const labelled = { spots: [spot], label: `${rowOf(spot)}\n` };
  const path = await makePaintedDataset(join(home, 'data'), { a: labelled, b: labelled, c: labelled });
  const source = { kind: 'yaml', path, poolFolders: [] } as const;
  const created = await createSession(workspace.ports, source, { name: 'Parts', baseModel, imageSize: 64 });
  return { folder: { ports: workspace.ports }, sessionId: created.session.id } as unknown as SessionRef;
}

const failureOf = ({ sessionId }: SessionRef): Promise<unknown> =>
  runIteration(workspace.ports, sessionId).then(
    () => null,
    (error: unknown) => error,
  );
const unsafe = (): TrainingError => new TrainingError('weights-unsafe', 'It can run code.', 'Choose.', { where: base });
const questions = () => editorState.seen.filter((sight) => sight.kind === 'message');

describe.skipIf(process.platform === 'win32')('the question about weights in the editor', () => {
  test('declining changes nothing, and no iteration was started', async () => {
    const ref = await session(base);
    writeFileSync(base, randomUUID());
    expect(await confirmWeights(ref, await failureOf(ref))).toBe(false);
    expect(questions()).toMatchObject([
      {
        severity: 'modal',
        text: 'Use these weights? You did not select this file, or its content has changed.',
        detail: expect.stringContaining(base),
      },
    ]);
    expect(await workspace.ports.knownFiles.isKnown(base)).toBe(false);
    expect(await workspace.ports.store.iterations.list(ref.sessionId)).toEqual([]);
  });

  test('confirming selects the current content of the file, without code execution', async () => {
    const ref = await session(base);
    writeFileSync(base, randomUUID());
    const failure = await failureOf(ref);
    editorState.choose = (_text, labels) => labels.find((label) => label === 'Use This File');
    expect(await confirmWeights(ref, failure)).toBe(true);
    expect(await workspace.ports.knownFiles.isKnown(base, 'user')).toBe(true);
    expect(await workspace.ports.knownFiles.isKnown(base, 'code')).toBe(false);
    // The weights are no obstacle any more; the Python is only a script.
    expect(await failureOf(ref)).toMatchObject({ code: 'trainer-not-started' });
  });

  test('weights with code have a separate question and answer', async () => {
    const ref = await session(base);
    editorState.choose = (_text, labels) => labels.find((label) => label === 'Use This File');
    expect(await confirmWeights(ref, unsafe())).toBe(false);
    expect(await workspace.ports.knownFiles.isKnown(base, 'code')).toBe(false);
    editorState.choose = (_text, labels) => labels.find((label) => label === 'Allow Code Execution');
    expect(await confirmWeights(ref, unsafe())).toBe(true);
    expect(questions()).toMatchObject([
      { severity: 'modal' },
      {
        text: 'These weights can run code when loaded. Do you want to load them?',
        detail: expect.stringContaining('can run any code with your permissions'),
      },
    ]);
    expect(await workspace.ports.knownFiles.isKnown(base, 'code')).toBe(true);
  });

  test('confirming a file that a name resolved to makes the file the base model, since the name may resolve differently later', async () => {
    const ref = await session('yolov8n.pt');
    editorState.choose = (_text, labels) => labels.find((label) => label === 'Allow Code Execution');
    expect(await confirmWeights(ref, unsafe())).toBe(true);
    expect(await workspace.ports.store.sessions.get(ref.sessionId)).toMatchObject({ baseModel: base });
    expect(await workspace.ports.knownFiles.isKnown(base, 'user')).toBe(true);
  });

  test('asks about no other failure', async () => {
    const ref = await session(base);
    const memory = new TrainingError('out-of-memory', 'No memory.', 'Take less.', { where: base });
    expect(await confirmWeights(ref, memory)).toBe(false);
    expect(questions()).toEqual([]);
  });
});
