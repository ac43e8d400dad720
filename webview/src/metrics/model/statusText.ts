import type { RunView } from '../../../../extension/src/protocol/metrics.ts';
import type { MetricsString } from '../../../../extension/src/protocol/metricsStrings.ts';
import { plural, t } from '../strings.ts';

const iterationStates: Readonly<Record<string, MetricsString>> = {
  preparing: 'preparing',
  training: 'training',
  evaluating: 'evaluating',
  scoring: 'scoring',
  selecting: 'selecting',
  reviewing: 'in review',
  completed: 'completed',
  failed: 'failed',
  cancelled: 'cancelled',
};

/** The text for the state of an iteration. An unknown state is returned unchanged. */
export function statusText(status: string): string {
  const known = Object.hasOwn(iterationStates, status) ? iterationStates[status] : undefined;
  return known === undefined ? status : t(known);
}

/** The state of a run as a sentence, without its iteration. */
export function runText({ state, epoch, epochs }: RunView): string {
  switch (state) {
    case 'prepared':
      return t('The training has not started yet');
    case 'running':
      return epoch === 0
        ? t('Training: epoch 1 of {0}', epochs)
        : t('Training: {0} of {1} epochs complete', epoch, epochs);
    case 'finished':
      return epoch === epochs
        ? plural(epochs, 'Training finished, {0} epoch', 'Training finished, {0} epochs')
        : t('Training finished after {0} of {1} epochs', epoch, epochs);
    case 'failed':
      return t('Training failed after {0} of {1} epochs', epoch, epochs);
    case 'cancelled':
      return t('Training cancelled after {0} of {1} epochs', epoch, epochs);
  }
}

interface RunOption {
  readonly value: string;
  readonly label: string;
}

/** The options for the training to show, newest first. Attempts of one iteration are numbered. */
export function runOptions(runs: readonly { readonly runId: string; readonly iterationNumber: number }[]): RunOption[] {
  const total = new Map<number, number>();
  for (const { iterationNumber } of runs) total.set(iterationNumber, (total.get(iterationNumber) ?? 0) + 1);
  const seen = new Map<number, number>();
  return runs
    .map(({ runId, iterationNumber }) => {
      const attempt = (seen.get(iterationNumber) ?? 0) + 1;
      seen.set(iterationNumber, attempt);
      const alone = total.get(iterationNumber) === 1;
      return {
        value: runId,
        label: alone ? t('Iteration {0}', iterationNumber) : t('Iteration {0}, attempt {1}', iterationNumber, attempt),
      };
    })
    .toReversed();
}
