import { runUntilHandover as runWithHandover } from '../../workflow/iteration/iterationHandover.ts';
import { runIterationOperation } from '../../workflow/operations/iterationOperations.ts';
import type { ProgressUpdate } from '../../workflow/ports/progress.ts';
import type { IterationRow } from '../../workflow/ports/store/iterations.ts';
import type { SessionRef } from '../workspace/folderContext.ts';

// What this folder needs after activation: the use cases of an iteration. Loaded with `import()` when first used.
export { confirmWeights } from '../trust/weightsTrust.ts';
export { requestHandover } from '../../workflow/iteration/iterationHandover.ts';
export { interruptedIteration, upcomingIteration, willTrain } from './interrupted.ts';

/** Runs or resumes the session's iteration until it ends, `abort` is triggered, or another window takes over. */
export async function runSessionIteration(
  { folder, sessionId }: SessionRef,
  abort: AbortController,
  report: (update: ProgressUpdate) => void,
): Promise<IterationRow> {
  return runWithHandover(folder.ports, abort, () =>
    runIterationOperation.run(folder.ports, { session: sessionId }, { signal: abort.signal, report }),
  );
}
