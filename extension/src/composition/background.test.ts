import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeReviewWorkspace } from '../../test/support/reviewWorkspace.ts';
import { TrainingError } from '../core/session/errors.ts';
import { doWork, runInBackground } from '../workflow/iteration/runInBackground.ts';
import type { Ports } from '../workflow/ports/ports.ts';
import { editSession } from '../workflow/session/sessions.ts';
import { openWorkspace, type Workspace } from './workspace.ts';

/** A process that opens the workspace takes seconds on a busy machine. */
const timeout = 120_000;

let root = '';
let sessionId = 0;
let workspace: Workspace;
/** Run folders that work asked a trainer for. */
const prepared: string[] = [];
let ports: Ports;

const prepare: Ports['trainer']['prepare'] = ({ runId }) => {
  prepared.push(runId);
  return Promise.reject(new TrainingError('python-missing', 'There is no Python here.', 'Install one.'));
};

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'al background '));
  ({ sessionId } = await makeReviewWorkspace(root));
  workspace = await openWorkspace({ folder: root, background: true });
  ports = { ...workspace.ports, trainer: { ...workspace.ports.trainer, prepare } };
}, timeout);

afterAll(async () => {
  await workspace.close();
  rmSync(root, { recursive: true, force: true });
});

test('work gives the same in the background as here', { timeout }, async () => {
  const change = { strategy: 'random', maxSamplesPerIteration: 2 } as const;
  const here = await doWork(ports, { name: 'previewBatch', args: [sessionId, change] }, {});
  expect(here).toMatchObject({ iteration: { status: 'reviewing' } });
  expect(await runInBackground(ports, 'previewBatch', [sessionId, change])).toEqual(here);
});

test('the caller hears of progress, and starts the trainers', { timeout }, async () => {
  await editSession(ports, sessionId, { baseModel: 'yolov8n.pt' });
  const messages: string[] = [];
  const report = ({ message }: { message: string }): void => void messages.push(message);
  const duplicates = await runInBackground(ports, 'findDuplicates', [sessionId], { report });
  expect(duplicates.withEmbeddings).toBe(false);
  expect(duplicates.images).toBeGreaterThan(0);
  expect(prepared).toEqual([expect.stringMatching(/^base-/)]);
  expect(messages).toContain('Images cannot be compared by their content: There is no Python here. Install one.');
  expect(messages).toContain('Looking for images that show the same');
});

test('errors come back with name, code and hint', { timeout }, async () => {
  await expect(runInBackground(ports, 'findDuplicates', [4711])).rejects.toMatchObject({
    name: 'WorkflowError',
    code: 'not-found',
    message: 'There is no session 4711.',
    hint: expect.stringContaining('another window') as string,
  });
});

test('a workspace that is only looked at has no background', { timeout }, async () => {
  const browsed = await openWorkspace({ folder: root, browseOnly: true, background: true });
  expect(browsed.ports.background).toBeUndefined();
  await browsed.close();
});
