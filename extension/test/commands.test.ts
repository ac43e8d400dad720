import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { commandIds, type CommandId } from '../src/host/ids.ts';
import type { Ports } from '../src/workflow/ports/ports.ts';
import type { IterationStatus, SessionSettings } from '../src/core/session/types.ts';
import { isSettingName } from '../src/core/session/settings.ts';
import type { IterationChange } from '../src/workflow/ports/store/iterations.ts';
import type { SessionRow } from '../src/workflow/ports/store/sessions.ts';
import { editorState, nextSight, type UserVisibleEvent } from './support/editorState.ts';
import { openFakePorts } from './support/fakePorts.ts';
import { fakeVscode, registeredCommands } from './support/fakeVscode.ts';
import { fakeWindow } from './support/fakeWindow.ts';
import { makeReviewWorkspace, type ReviewWorkspace } from './support/reviewWorkspace.ts';

vi.mock('vscode', () => fakeVscode);
const limit = 120_000;
const { activate, deactivate } = await import('../src/host/activate.ts');
const window = fakeWindow({ activate, deactivate });
const { openWindow } = window;

const everyCommand = Object.values(commandIds);
/** Those that change what the others are asked about. They come last. */
const changing: readonly CommandId[] = [commandIds.sessionComplete, commandIds.sessionReopen];
const inOrder = [...everyCommand.filter((id) => !changing.includes(id)), ...changing];

/** What a person sees of a command. */
async function run(id: CommandId): Promise<readonly UserVisibleEvent[]> {
  editorState.seen = [];
  await fakeVscode.commands.executeCommand(id);
  // What changes a session shows in the tree, after a moment.
  if (editorState.seen.length === 0) await nextSight(10_000);
  return editorState.seen;
}

/** The messages that say why something cannot be done: those that are no answer to a question of the command. */
function refusals(seen: readonly UserVisibleEvent[]): Extract<UserVisibleEvent, { kind: 'message' }>[] {
  const messages = seen.filter((sight) => sight.kind === 'message');
  const others = seen.filter((sight) => sight.kind === 'shown' && sight.what !== 'tree');
  return others.length > 0 ? [] : messages.filter(({ severity }) => severity !== 'modal');
}

const done =
  /^The dataset has not changed|^Rescanned the dataset|already trust all|\d+ images: |^Found no duplicates among/;

/** What each refused command says, and the ways out that it offers, by command; the others do something. */
type Refusals = Readonly<Record<string, readonly [text: string, ...ways: string[]]>>;

/** Runs every command. Fails where one does nothing at all, or offers a way that leads nowhere. */
async function walk(but: readonly CommandId[] = []): Promise<Refusals> {
  const found: Record<string, readonly [string, ...string[]]> = {};
  for (const id of inOrder.filter((one) => !but.includes(one))) {
    const seen = await run(id);
    expect(seen, `${id} shows nothing`).not.toEqual([]);
    for (const { text, offers } of refusals(seen)) {
      if (!done.test(text)) found[id] = [text, ...offers];
      // A way that is a command leads to one that is there; others are handled where they are offered.
      const commands = offers.filter((way) => /^[a-z]\w*\.\w/.test(way));
      const unknown = commands.filter((way) => !everyCommand.some((known) => known === way));
      expect(unknown.filter((way) => way !== 'vscode.open' && !way.startsWith('workbench.'))).toEqual([]);
    }
  }
  return found;
}

/** The same refusal of every command but these. */
function allBut(but: readonly CommandId[], ...refusal: readonly [string, ...string[]]): Refusals {
  return Object.fromEntries(everyCommand.filter((id) => !but.includes(id)).map((id) => [id, refusal]));
}

const id = commandIds;
/** What works everywhere. */
const always = [id.viewRefresh, id.helpOpen, id.logShow];

test('every command is registered', async () => {
  await openWindow();
  expect(registeredCommands()).toEqual(expect.arrayContaining(everyCommand));
});

/** Changes the workspace of a review as its window left it. */
async function change(work: (ports: Ports, made: ReviewWorkspace) => Promise<unknown>): Promise<void> {
  const folder = editorState.folder ?? '';
  const made = await makeReviewWorkspace(folder);
  const opened = await openFakePorts(folder);
  await work(opened.ports, made);
  await opened.workspace.close();
}

function settingsOf(session: SessionRow): SessionSettings {
  const settings = Object.entries(session).filter(([field]) => field === 'typed' || isSettingName(field));
  return Object.fromEntries(settings) as unknown as SessionSettings;
}

const iterationIs = (status: IterationStatus, more: IterationChange = {}): Promise<void> =>
  change(({ store }, { iterationId }) => store.iterations.update(iterationId, { status, ...more }));

const none = { [id.environmentSetUp]: ['Python was not found on this machine.', 'vscode.open', id.environmentSelect] };
/** Without a Python, wherever a session stands. */
const noPython: Refusals = Object.fromEntries(
  Object.entries({ ...none, [id.environmentCheck]: ['There is no ', id.environmentSetUp, id.environmentSelect] }).map(
    ([command, [text = '', ...ways]]) => [command, [expect.stringContaining(text), ...ways, id.logShow]],
  ),
);
const training: Refusals = { [id.iterationRun]: noPython[id.environmentCheck] ?? [''] };
const noScores = (...ways: CommandId[]): Refusals => ({
  [id.poolBrowse]: ['"Spots" has no scored images yet.', ...ways],
});
const noModel = (...ways: CommandId[]): Refusals => ({
  ...Object.fromEntries(
    [id.modelExport, id.modelExportVersion, id.modelSetActive, id.modelReveal].map((command) => [
      command,
      ['"Spots" has no model yet.', ...ways],
    ]),
  ),
  ...noScores(...ways),
});
const noRun: Refusals = { [id.runOpenLog]: ['This iteration has not started a training.', id.logShow] };
const idle = (...ways: CommandId[]): Refusals => ({
  [id.iterationStop]: ['Nothing is running.', ...ways],
  [id.iterationTakeOver]: ['No other window is running an iteration in this folder.', id.iterationRun],
  [id.activityShow]: ['Nothing is running.', id.iterationRun],
});
const noBatch = (...ways: CommandId[]): Refusals => ({ [id.reviewFinish]: ['There is no batch to review.', ...ways] });

test('without a folder', { timeout: limit }, async () => {
  editorState.folder = null;
  await openWindow();
  const reason = 'Open the folder that contains your images to use active learning.';
  const refused = allBut(
    [...always, id.environmentSetUp, id.diskSpaceManage],
    reason,
    'workbench.action.files.openFolder',
  );
  expect(await walk()).toEqual({ ...refused, [id.environmentSetUp]: noPython[id.environmentSetUp] });
});

test('without a session', { timeout: limit }, async () => {
  await openWindow();
  const works = [...always, id.sessionNew, id.datasetValidate, id.environmentSelect, id.metricNew];
  expect(await walk()).toEqual({
    ...allBut(
      [...works, id.folderTrust, id.storageChoose, id.diskSpaceManage],
      'No training session yet.',
      id.sessionNew,
    ),
    ...noPython,
    ...idle(),
    [id.iterationStop]: ['No training session yet.', id.sessionNew],
  });
});

test('in Restricted Mode', { timeout: limit }, async () => {
  await makeReviewWorkspace(editorState.folder ?? '');
  editorState.trusted = false;
  await openWindow();
  const browses = [...always, id.reviewOpen, id.metricsOpen, id.datasetOpen, id.poolBrowse];
  const reason =
    'This workspace is in Restricted Mode, so you can only view its sessions. Trust the workspace to train, review or make changes.';
  expect(await walk()).toEqual({
    ...allBut(browses, reason, 'Manage Workspace Trust'),
    ...noRun,
    ...noScores(id.reviewOpen),
    [id.modelReveal]: ['"Spots" has no model yet.', id.reviewOpen],
    [id.activityShow]: ['Nothing is running.', id.iterationRun],
  });
});

test('with a new session', { timeout: limit }, async () => {
  await change(async ({ store }, { sessionId }) => {
    const session = await store.sessions.get(sessionId);
    await store.sessions.delete(sessionId);
    if (session !== null) await store.sessions.create(session.datasetId, settingsOf(session));
  });
  await openWindow();
  expect(await walk()).toEqual({
    ...training,
    ...noPython,
    ...idle(id.iterationRun),
    ...noModel(id.iterationRun),
    ...noRun,
    ...noBatch(id.iterationRun),
    [id.reviewOpen]: ['"Spots" has no samples to review yet. An iteration selects them.', id.iterationRun],
  });
});

test('while samples wait for review', { timeout: limit }, async () => {
  await makeReviewWorkspace(editorState.folder ?? '');
  await openWindow();
  expect(await walk()).toEqual({
    ...noPython,
    ...idle(id.reviewOpen),
    ...noModel(id.reviewOpen),
    ...noRun,
    [id.iterationRun]: ['2 samples wait for review; review them, or finish the review.', id.reviewOpen],
    [id.reviewFinish]: ['No sample was reviewed yet.', id.reviewOpen],
  });
});

test.each<IterationStatus>(['completed', 'failed', 'cancelled'])(
  'after an iteration that is %s',
  { timeout: limit },
  async (status) => {
    await iterationIs(status, { resumeFrom: status === 'completed' ? null : 'training' });
    await openWindow();
    expect(await walk()).toEqual({
      ...training,
      ...noPython,
      ...idle(id.iterationRun),
      ...noModel(id.iterationRun),
      ...noRun,
      ...noBatch(id.iterationRun),
    });
  },
);

test('after the last iteration', { timeout: limit }, async () => {
  await change(async ({ store }, { iterationId, sessionId }) => {
    await store.iterations.update(iterationId, { status: 'completed' });
    await store.sessions.update(sessionId, { settings: { maxIterations: 1 } });
  });
  await openWindow();
  // Training asks whether the last one, on all labels, is wanted.
  expect(await walk()).toEqual({
    ...noPython,
    ...idle(id.iterationRun),
    ...noModel(id.iterationRun),
    ...noRun,
    ...noBatch(id.iterationRun),
  });
});

test('in a completed session', { timeout: limit }, async () => {
  await change(({ store }, { sessionId }) => store.sessions.update(sessionId, { status: 'completed' }));
  await openWindow();
  expect(await walk()).toEqual({
    ...noPython,
    ...idle(id.sessionReopen),
    ...noModel(id.sessionReopen),
    ...noRun,
    [id.iterationRun]: ['The session is completed.', id.sessionReopen],
    [id.reviewFinish]: ['The session is completed.', id.sessionReopen],
    [id.sessionComplete]: ['"Spots" is already completed.', id.sessionReopen],
  });
});

test('while another window works on an iteration', { timeout: limit }, async () => {
  await change(async ({ store, system }, { iterationId, sessionId }) => {
    await store.iterations.update(iterationId, { status: 'scoring' });
    const another = { ...system.owner, nonce: 'another window' };
    for (const name of ['training', `session:${sessionId}`]) await store.leases.acquire(name, another);
  });
  await openWindow();
  const busy = [expect.stringContaining('perhaps in another window'), id.iterationStop, id.logShow] as const;
  // Taking over waits for the other window; the tests of two windows have one that answers.
  expect(await walk([id.iterationTakeOver])).toEqual({
    ...noPython,
    ...noModel(id.activityShow),
    ...noRun,
    ...noBatch(id.activityShow),
    [id.sessionComplete]: busy,
    [id.sessionDelete]: busy,
    [id.sessionReopen]: ['"Spots" is open.', id.iterationRun],
    [id.iterationRun]: [expect.stringContaining('Another training is running'), id.iterationTakeOver, id.iterationRun],
    [id.iterationStop]: [expect.stringContaining('Another window is running this iteration'), id.iterationTakeOver],
  });
});

test('with a model whose files are gone', { timeout: limit }, async () => {
  await change(async ({ store }, { iterationId, sessionId }) => {
    await store.iterations.update(iterationId, { status: 'completed' });
    await store.models.create({
      sessionId,
      iterationId,
      modelPath: join(window.home, 'gone.onnx'),
      weightsPath: join(window.home, 'gone.pt'),
      performanceMetrics: {},
      modelSizeMb: 1,
      labelSnapshot: '',
      lineage: {},
    });
  });
  await openWindow();
  const gone = `The files of model version 1 no longer exist: ${join(window.home, 'gone.pt')}`;
  expect(await walk()).toEqual({
    ...training,
    ...noPython,
    ...idle(id.iterationRun),
    ...noRun,
    ...noScores(id.iterationRun),
    ...noBatch(id.iterationRun),
    [id.modelReveal]: [gone, id.iterationRun],
  });
});
