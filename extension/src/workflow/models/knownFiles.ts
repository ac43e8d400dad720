import type { Ports } from '../ports/ports.ts';
import { WorkflowError } from '../shared/errors.ts';

/** The user named base weights: from now on this content of the file is theirs. Names and architectures need no record. */
export async function rememberWeights(ports: Ports, weights: string | undefined): Promise<void> {
  if (weights === undefined || !/[\\/]/.test(weights) || /\.ya?ml$/i.test(weights)) return;
  if (await ports.artifacts.exists(weights)) await ports.knownFiles.remember(weights, 'user');
}

/**
 * Checks that a file which is about to be loaded or handed out was made by a run of this user, and is as it was then.
 * @throws WorkflowError `model-unknown`
 */
export async function requireOwnModel(ports: Ports, path: string): Promise<void> {
  if (await ports.knownFiles.isKnown(path, 'run')) return;
  throw new WorkflowError(
    'model-unknown',
    `${path} is not what a run of yours produced: it is new here, or its content has changed.`,
    'Put the file back as it was, or train this iteration again.',
    { where: path },
  );
}
