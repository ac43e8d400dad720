import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { commandIds, type CommandId } from '../src/host/ids.ts';
import type { Ports } from '../src/workflow/ports/ports.ts';
import type { IterationStatus, SessionSettings } from '../src/core/session/types.ts';
import { isSettingName } from '../src/core/session/settings.ts';
import type { IterationChange } from '../src/workflow/ports/store/iterations.ts';
import type { SessionRow } from '../src/workflow/ports/store/sessions.ts';
import { columns, expectedCommands, rowIds, type Outcome, type State } from './commands.expected.ts';
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

const everyCommand: readonly string[] = Object.values(commandIds);

/** What the user sees of a command. */
async function run(id: CommandId): Promise<readonly UserVisibleEvent[]> {
  editorState.seen = [];
  await fakeVscode.commands.executeCommand(id);
  // The tree shows the change of a session after a moment.
  if (editorState.seen.length === 0) await nextSight(10_000);
  return editorState.seen;
}

function outcomeOf(event: UserVisibleEvent): Outcome {
  if (event.kind === 'shown') return { shows: event.what };
  const { severity, text, offers } = event;
  return severity === 'modal' ? { asks: text, offers } : { says: text, offers };
}

/** The tree counts only if the user sees nothing else: it also follows changes of earlier commands. */
function outcomesOf(seen: readonly UserVisibleEvent[]): readonly Outcome[] {
  const others = seen.filter((event) => event.kind === 'message' || event.what !== 'tree');
  return (others.length > 0 ? others : seen.slice(0, 1)).map(outcomeOf);
}

/** The offers that run a command which does not exist; the command that shows the message handles its other offers. */
function deadOffers(seen: readonly UserVisibleEvent[]): readonly string[] {
  const offers = seen.flatMap((event) => (event.kind === 'message' ? event.offers : []));
  return offers.filter(
    (offer) =>
      /^[a-z]\w*\.\w/.test(offer) &&
      !everyCommand.includes(offer) &&
      offer !== 'vscode.open' &&
      !offer.startsWith('workbench.'),
  );
}

/** Makes a workspace whose session waits for review, and changes it before a window opens. */
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

interface Case {
  readonly title: string;
  /** The column of the table. */
  readonly state: State;
  readonly prepare: () => Promise<unknown>;
  /** The window shows it soon after it opened. */
  readonly notice?: string;
}

const cases: readonly Case[] = [
  { title: 'without a folder', state: 'no folder', prepare: async () => (editorState.folder = null) },
  { title: 'without a session', state: 'no session', prepare: async () => {} },
  {
    title: 'in Restricted Mode',
    state: 'restricted',
    async prepare() {
      await makeReviewWorkspace(editorState.folder ?? '');
      editorState.trusted = false;
    },
  },
  {
    title: 'with a new session',
    state: 'new',
    prepare: () =>
      change(async ({ store }, { sessionId }) => {
        const session = await store.sessions.get(sessionId);
        await store.sessions.delete(sessionId);
        if (session !== null) await store.sessions.create(session.datasetId, settingsOf(session));
      }),
  },
  {
    title: 'while samples wait for review',
    state: 'in review',
    prepare: () => makeReviewWorkspace(editorState.folder ?? ''),
  },
  {
    title: 'after a completed iteration',
    state: 'ended',
    prepare: () => iterationIs('completed', { resumeFrom: null }),
  },
  {
    title: 'after a failed iteration',
    state: 'ended',
    prepare: () => iterationIs('failed', { resumeFrom: 'training' }),
  },
  {
    title: 'after a cancelled iteration',
    state: 'ended',
    prepare: () => iterationIs('cancelled', { resumeFrom: 'training' }),
  },
  {
    title: 'after the last iteration',
    state: 'last',
    prepare: () =>
      change(async ({ store }, { iterationId, sessionId }) => {
        await store.iterations.update(iterationId, { status: 'completed' });
        await store.sessions.update(sessionId, { settings: { maxIterations: 1 } });
      }),
  },
  {
    title: 'in a completed session',
    state: 'completed',
    prepare: () => change(({ store }, { sessionId }) => store.sessions.update(sessionId, { status: 'completed' })),
  },
  {
    title: 'while another window runs an iteration',
    state: 'elsewhere',
    prepare: () =>
      change(async ({ store, system }, { iterationId, sessionId }) => {
        await store.iterations.update(iterationId, { status: 'scoring' });
        const another = { ...system.owner, nonce: 'another window' };
        for (const name of ['training', `session:${sessionId}`]) await store.leases.acquire(name, another);
      }),
    notice: 'Another window, or this window before it was reloaded, is running iteration 1',
  },
  {
    title: 'with a model whose files are gone',
    state: 'files gone',
    prepare: () =>
      change(async ({ store }, { iterationId, sessionId }) => {
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
      }),
  },
];

/** Waits until the window shows a message, so that no command seems to show it. */
async function waitForNotice(text: string): Promise<void> {
  const isShown = (): boolean =>
    editorState.seen.some((event) => event.kind === 'message' && event.text.startsWith(text));
  while (!isShown()) expect(await nextSight(30_000), `the window never shows "${text}"`).toBe(true);
}

test('every command is registered', async () => {
  await openWindow();
  expect(registeredCommands()).toEqual(expect.arrayContaining([...everyCommand]));
});

test('the table has a row for every command and a case for every column', () => {
  expect(rowIds.toSorted()).toEqual(everyCommand.toSorted());
  expect([...new Set(cases.map(({ state }) => state))]).toEqual(columns);
});

describe('commands', () => {
  test.each(cases)('$title', { timeout: limit }, async ({ title, state, prepare, notice }) => {
    await prepare();
    await openWindow();
    if (notice !== undefined) await waitForNotice(notice);
    for (const { id, word, outcome } of expectedCommands(state, window.home)) {
      const seen = await run(id);
      expect.soft(outcomesOf(seen), `${id} ${title}: "${word}" in column "${state}"`).toEqual([outcome]);
      expect.soft(deadOffers(seen), `${id} ${title}: offers of unknown commands`).toEqual([]);
    }
  });
});
