import { TrainingError } from '../../core/session/errors.ts';
import type { Ports } from '../ports/ports.ts';
import { WorkflowError } from '../shared/errors.ts';

/**
 * Checks that base weights given by a path exist, so that a typing mistake is found before the first training.
 * @throws TrainingError `weights-missing`
 */
export async function requireWeights(ports: Pick<Ports, 'artifacts'>, weights: string | undefined): Promise<void> {
  if (weights === undefined || !isPath(weights) || (await ports.artifacts.exists(weights))) return;
  throw new TrainingError(
    'weights-missing',
    `There are no weights at ${weights}.`,
    'Check the path, or name published weights such as yolov8n.pt.',
    { where: weights },
  );
}

/**
 * Records that the user chose base weights: the current content of the file is trusted. Names and architectures need no
 * record.
 */
export async function rememberWeights(ports: Pick<Ports, 'knownFiles'>, weights: string | undefined): Promise<void> {
  if (weights === undefined || !isPath(weights) || /\.ya?ml$/i.test(weights)) return;
  await ports.knownFiles.remember(weights, 'user');
}

function isPath(weights: string): boolean {
  return /[\\/]/.test(weights);
}

/**
 * Checks that a file to be loaded or exported was made by a run of this user and has not changed since.
 * @throws WorkflowError `model-unknown`
 */
export async function requireOwnModel(ports: Pick<Ports, 'knownFiles'>, path: string): Promise<void> {
  if (await ports.knownFiles.isKnown(path, 'run')) return;
  throw new WorkflowError(
    'model-unknown',
    `None of your runs produced ${path}: it is new, or its content has changed.`,
    'Restore the file, or train this iteration again.',
    { where: path },
  );
}
