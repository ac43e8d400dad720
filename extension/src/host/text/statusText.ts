import type { IterationStatus } from '../../core/session/types.ts';
import type { ProgressUpdate } from '../../workflow/ports/progress.ts';
import type { BatchProgress } from '../../workflow/ports/store/samples.ts';
import { iterationName, iterationTitle } from './iterationText.ts';
import type { Localiser } from './localiser.ts';
import { paceText, toGoText } from './paceText.ts';

/** The texts of the status bar item. */
export interface StatusText {
  readonly text: string;
  readonly tooltip: string;
  /** For a screen reader, without icons. */
  readonly spoken: string;
}

export interface RunningNow {
  readonly sessionName: string;
  readonly iterationNumber: number;
  readonly progress: ProgressUpdate;
  /** About how many seconds are left of the step; null or undefined if unknown. */
  readonly secondsToGo?: number | null;
}

/** What an iteration does now, how far it is, and how long that still takes. */
export function workText(
  l10n: Localiser,
  { progress, secondsToGo }: Pick<RunningNow, 'progress' | 'secondsToGo'>,
): string {
  const done = progress.fraction === undefined ? '' : ` ${Math.floor(progress.fraction * 100)} %`;
  const toGo = secondsToGo == null ? '' : `, ${toGoText(l10n, secondsToGo)}`;
  return `${stepTitle(l10n, progress.step)}${done}${toGo}`;
}

/** The status bar while an iteration runs. */
export function runningText(l10n: Localiser, running: RunningNow): StatusText {
  const { sessionName, iterationNumber, progress } = running;
  const work = workText(l10n, running);
  return {
    text: `$(sync~spin) ${l10n.t('{0}: {1}', iterationTitle(l10n, iterationNumber), work)}`,
    tooltip: `${sessionName}\n${progress.message}\n${l10n.t('Click to show what is running')}`,
    spoken: spokenText(l10n, iterationNumber, work),
  };
}

/** The status bar while another window runs an iteration. */
export function elsewhereText(
  l10n: Localiser,
  sessionName: string,
  iterationNumber: number,
  status: IterationStatus,
): StatusText {
  const what = l10n.t('{0} in another window', iterationStatusText(l10n, status));
  return {
    text: `$(sync~spin) ${l10n.t('{0}: {1}', iterationTitle(l10n, iterationNumber), what)}`,
    tooltip: `${sessionName}\n${l10n.t('Click to show progress')}`,
    spoken: spokenText(l10n, iterationNumber, what),
  };
}

function spokenText(l10n: Localiser, iterationNumber: number, what: string): string {
  return l10n.t('Active learning, {0}', l10n.t('{0}: {1}', iterationName(l10n, iterationNumber), what));
}

/** The status bar while samples are ready for review. */
export function reviewText(l10n: Localiser, sessionName: string, progress: BatchProgress): StatusText {
  const { open, total } = progress;
  const text = l10n.t('{0} to review', open);
  const pace = paceText(l10n, progress);
  return {
    text: `$(checklist) ${text}`,
    tooltip: [
      sessionName,
      ...(pace === '' ? [] : [pace]),
      l10n.t('{0} of {1} samples are reviewed. Click to continue.', total - open, total),
    ].join('\n'),
    spoken: l10n.t('Active learning, {0}', text),
  };
}

/** A short title for a step of the progress. */
export function stepTitle(l10n: Localiser, step: string): string {
  switch (step) {
    case 'scan':
      return l10n.t('Reading images');
    case 'prepare':
    case 'preparing':
      return l10n.t('Preparing');
    case 'train':
    case 'training':
      return l10n.t('Training');
    case 'evaluate':
    case 'evaluating':
      return l10n.t('Evaluating');
    case 'score':
    case 'scoring':
      return l10n.t('Scoring images');
    case 'select':
    case 'selecting':
      return l10n.t('Selecting samples');
    case 'embed':
      return l10n.t('Computing embeddings');
    case 'duplicates':
      return l10n.t('Looking for duplicates');
    case 'stop':
      return l10n.t('Stopping');
    default:
      return l10n.t('Starting');
  }
}

/** The status of an iteration, for a tree item. */
export function iterationStatusText(l10n: Localiser, status: IterationStatus): string {
  switch (status) {
    case 'preparing':
      return l10n.t('preparing');
    case 'training':
      return l10n.t('training');
    case 'evaluating':
      return l10n.t('evaluating');
    case 'scoring':
      return l10n.t('scoring images');
    case 'selecting':
      return l10n.t('selecting samples');
    case 'reviewing':
      return l10n.t('to review');
    case 'completed':
      return l10n.t('completed');
    case 'failed':
      return l10n.t('failed');
    case 'cancelled':
      return l10n.t('stopped');
  }
}
