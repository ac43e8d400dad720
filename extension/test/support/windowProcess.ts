// What an editor window is to a workspace: a separate process with its ports. It does what its parent asks.
import { openWorkspace } from '../../src/composition/workspace.ts';
import { toErrorReport } from '../../src/core/errors.ts';
import type { SessionSettings } from '../../src/core/session/types.ts';
import { interruptedIteration } from '../../src/host/running/interrupted.ts';
import { requestHandover, handoverReason, runUntilHandover } from '../../src/workflow/iteration/iterationHandover.ts';
import type { Ports } from '../../src/workflow/ports/ports.ts';
import { runIteration } from '../../src/workflow/iteration/runIteration.ts';
import { undoVerdict } from '../../src/workflow/review/reversals.ts';
import { submitVerdict } from '../../src/workflow/review/verdicts.ts';
import type { Decision } from '../../src/workflow/review/verdictOutcome.ts';
import { completeSession, deleteSession, editSession } from '../../src/workflow/session/sessions.ts';

const [folder = '', python, stuck, silent] = process.argv.slice(2);
const { ports: whole } = await openWorkspace({
  folder,
  python,
  // An editor whose page is gone asks for a terminal and never gets one.
  ...(stuck === 'stuck' ? { launcher: { launch: () => new Promise(() => {}) } } : {}),
});
const ports: Ports = silent === 'silent' ? { ...whole, inference: { ...whole.inference, predict: unanswered } } : whole;

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
      const run = (): Promise<{ status: string }> => runIteration(ports, sessionId, { signal: abort.signal });
      return (await runUntilHandover(ports, abort, run, 50)).status;
    } catch (error) {
      return handoverReason(abort.signal) === null ? toErrorReport(error).code : 'handed over';
    }
  },
  requestHandover: (timeoutMs: number): Promise<boolean> => requestHandover(ports, { timeoutMs, pollMs: 50 }),
  async kindOfInterrupted(): Promise<string | null> {
    return (await interruptedIteration(ports))?.kind ?? null;
  },
  /** @returns the verdict, or the code of an error. */
  async submit(sampleId: number, decision: Decision): Promise<string> {
    try {
      return (await submitVerdict(ports, sampleId, decision)).verdict ?? 'none';
    } catch (error) {
      return toErrorReport(error).code;
    }
  },
  async undo(iterationId: number): Promise<number> {
    return (await undoVerdict(ports, iterationId)).id;
  },
  remove: (sessionId: number): Promise<string> => outcome(deleteSession(ports, sessionId)),
  complete: (sessionId: number): Promise<string> => outcome(completeSession(ports, sessionId)),
  edit: (sessionId: number, change: Partial<SessionSettings>): Promise<string> =>
    outcome(editSession(ports, sessionId, change)),
  dataVersion: (): Promise<number> => ports.store.dataVersion(),
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
