// What an editor window is to a workspace: a process of its own with an engine. It does what its parent asks.
import { openWorkspace } from '../../src/composition/workspace.ts';
import { toErrorReport } from '../../src/core/errors.ts';
import type { SessionSettings } from '../../src/core/session/types.ts';
import { interruptedIteration } from '../../src/host/running/interrupted.ts';
import { askForHandOver, handedOver, untilAskedFor } from '../../src/workflow/iteration/iterationHandover.ts';
import type { Engine } from '../../src/workflow/ports/ports.ts';
import { runIteration } from '../../src/workflow/iteration/runIteration.ts';
import { submitVerdict, undoVerdict, type Decision } from '../../src/workflow/review/review.ts';
import { completeSession, deleteSession, editSession } from '../../src/workflow/session/sessions.ts';

const [folder = '', python, stuck, silent] = process.argv.slice(2);
const { engine: whole } = await openWorkspace({
  folder,
  python,
  // An editor whose page is gone asks for a terminal and never gets one.
  ...(stuck === 'stuck' ? { launcher: { launch: () => new Promise(() => {}) } } : {}),
});
const engine: Engine =
  silent === 'silent' ? { ...whole, inference: { ...whole.inference, predict: unanswered } } : whole;

function unanswered(): AsyncIterable<never> {
  return { [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }) };
}

/** @returns `done`, or the code of an error. */
async function outcome(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'done';
  } catch (error) {
    return toErrorReport(error).code;
  }
}

/** What the parent may ask; every argument and answer is JSON. */
export const windowActions = {
  /** Runs the session's iteration as the editor does. @returns its status, `handed over`, or the code of an error. */
  async run(sessionId: number): Promise<string> {
    const abort = new AbortController();
    try {
      const run = (): Promise<{ status: string }> => runIteration(engine, sessionId, { signal: abort.signal });
      return (await untilAskedFor(engine, abort, run, 50)).status;
    } catch (error) {
      return handedOver(abort.signal) === null ? toErrorReport(error).code : 'handed over';
    }
  },
  askForHandOver: (patienceMs: number): Promise<boolean> => askForHandOver(engine, { patienceMs, pollMs: 50 }),
  async kindOfInterrupted(): Promise<string | null> {
    return (await interruptedIteration(engine))?.kind ?? null;
  },
  /** @returns the verdict, or the code of an error. */
  async submit(sampleId: number, decision: Decision): Promise<string> {
    try {
      return (await submitVerdict(engine, sampleId, decision)).verdict ?? 'none';
    } catch (error) {
      return toErrorReport(error).code;
    }
  },
  async undo(iterationId: number): Promise<number> {
    return (await undoVerdict(engine, iterationId)).id;
  },
  remove: (sessionId: number): Promise<string> => outcome(deleteSession(engine, sessionId)),
  complete: (sessionId: number): Promise<string> => outcome(completeSession(engine, sessionId)),
  edit: (sessionId: number, change: Partial<SessionSettings>): Promise<string> =>
    outcome(editSession(engine, sessionId, change)),
  dataVersion: (): Promise<number> => engine.store.dataVersion(),
};

export type WindowActions = typeof windowActions;

interface Request {
  readonly id: number;
  readonly action: keyof WindowActions;
  readonly values: readonly never[];
}

process.on('message', ({ id, action, values }: Request) => {
  const act = windowActions[action] as (...given: readonly never[]) => Promise<unknown>;
  act(...values).then(
    (value) => process.send?.({ id, value }),
    (error: unknown) => process.send?.({ id, error: error instanceof Error ? error.stack : String(error) }),
  );
});
process.on('disconnect', () => process.exit());
process.send?.({ id: 0 });
