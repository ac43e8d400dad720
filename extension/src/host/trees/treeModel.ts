import type { SessionAction } from '../../core/session/actions.ts';
import { iterationKind, isStep } from '../../core/session/stateMachine.ts';
import { scoredOn } from '../../workflow/models/scoringProvider.ts';
import { canSelectFirstBatch } from '../../workflow/session/firstBatch.ts';
import type { IterationStatusView, SessionStatusView } from '../../workflow/session/status.ts';
import type { Localiser } from '../text/localiser.ts';
import { imageCountsText } from '../text/imageCountsText.ts';
import { iterationTitle } from '../text/iterationText.ts';
import { iterationStatusText, stepTitle, workText, type RunningNow } from '../text/statusText.ts';
import { iterationIcon, sessionIcon } from './icons.ts';
import { iterationDetails } from './iterationDetails.ts';
import { contextOf, number, type TreeNode } from './treeNode.ts';

/** The next step of the user. */
export type NextStep = 'run' | 'firstBatch' | 'stop' | 'takeOver' | 'review' | 'finish' | 'export' | 'none';

/**
 * A session with its iterations, newest first.
 * @param running the iteration of the session that this window runs.
 * @param elsewhere whether another window runs an iteration of this folder.
 */
export function sessionNode(
  l10n: Localiser,
  view: SessionStatusView,
  running: RunningNow | null,
  elsewhere = false,
): TreeNode {
  const { session, iterations } = view;
  const away = elsewhere && isAtWork(iterations.at(-1));
  const next = nextStep(view, running !== null, away);
  const description = sessionDescription(l10n, view, running);
  const flags = [
    ...actionFlags(view),
    ...(running === null ? [] : ['running']),
    ...(away ? ['elsewhere'] : []),
    `next=${next}`,
  ];
  return {
    kind: 'session',
    // The id changes with the first child, since VS Code keeps items collapsed that had no children.
    id: `session-${session.id}${iterations.length === 0 ? '-empty' : ''}`,
    label: session.name,
    description,
    tooltip: sessionTooltip(l10n, view),
    ...sessionIcon(view, running !== null),
    context: contextOf('session', flags),
    spoken: l10n.t('Session {0}, {1}', session.name, description),
    expanded: session.status !== 'completed' && session.status !== 'archived',
    children: iterations
      .toReversed()
      .map((iteration, index) =>
        iterationNode(l10n, view, iteration, { newest: index === 0, running: index === 0 ? running : null, elsewhere }),
      ),
    sessionId: session.id,
  };
}

/** Whether an iteration is in the middle of an automatic step. */
function isAtWork(entry: IterationStatusView | undefined): boolean {
  return entry !== undefined && isStep(entry.iteration.status) && entry.iteration.status !== 'reviewing';
}

/**
 * The action of a session's inline button.
 * @param running whether this window runs an iteration of the session.
 * @param elsewhere whether another window does.
 */
export function nextStep(view: SessionStatusView, running: boolean, elsewhere = false): NextStep {
  const can = (action: SessionAction): boolean =>
    view.actions.some((entry) => entry.action === action && entry.enabled);
  if (running) return 'stop';
  if (can('cancel-iteration')) return 'stop';
  if (elsewhere) return 'takeOver';
  const last = view.iterations.at(-1);
  if (can('review') && (last?.samples.open ?? 0) > 0) return 'review';
  if (can('finish-review')) return 'finish';
  if (canSelectFirstBatch(view)) return 'firstBatch';
  if (can('begin-iteration') || can('resume-iteration') || can('train-final')) return 'run';
  return can('export-model') ? 'export' : 'none';
}

/** The circumstances of an iteration. */
interface Moment {
  readonly newest: boolean;
  readonly running: RunningNow | null;
  readonly elsewhere: boolean;
}

function iterationNode(
  l10n: Localiser,
  view: SessionStatusView,
  entry: IterationStatusView,
  { newest, running, elsewhere }: Moment,
): TreeNode {
  const { iteration } = entry;
  const { session } = view;
  const working = running !== null && running.iterationNumber === iteration.iterationNumber;
  const final = iterationKind(iteration.iterationNumber, session.maxIterations) === 'final';
  const label = final ? l10n.t('Final training') : iterationTitle(l10n, iteration.iterationNumber);
  const resting = restingText(l10n, entry);
  const inStep = newest && isAtWork(entry);
  const status = working
    ? stepTitle(l10n, running.progress.step)
    : inStep && elsewhere
      ? l10n.t('{0} in another window', resting)
      : inStep
        ? l10n.t('{0} (interrupted)', resting)
        : resting;
  const accuracy = iteration.map5095 === null ? null : number(iteration.map5095);
  // The short name fits into a side bar of the default width; the tooltip has the full one.
  const described = (metric: string): string => (accuracy === null ? status : `${status} · ${metric} ${accuracy}`);
  const details = iterationDetails(l10n, session.id, entry);
  const reviewing = iteration.status === 'reviewing';
  const provider = entry.model === null ? null : scoredOn(entry.model);
  const tooltip = [
    described('mAP50-95'),
    ...(provider === null ? [] : [l10n.t('Images scored on {0}', provider)]),
    ...(iteration.error === null ? [] : [iteration.error]),
  ].join('\n');
  return {
    kind: 'iteration',
    id: `iteration-${iteration.id}${details.length === 0 ? '-empty' : ''}`,
    label,
    description: described('mAP'),
    tooltip,
    ...iterationIcon(iteration.status, working || (inStep && elsewhere), newest),
    context: contextOf('iteration', [
      ...(reviewing ? ['review'] : []),
      ...(iteration.runId === null ? [] : ['run']),
      ...(working ? ['running'] : []),
    ]),
    spoken: `${label}, ${described('mAP50-95')}${iteration.error === null ? '' : `, ${iteration.error}`}`,
    expanded: newest,
    children: details,
    sessionId: session.id,
    iterationId: iteration.id,
  };
}

function sessionDescription(l10n: Localiser, view: SessionStatusView, running: RunningNow | null): string {
  const { session, iterations } = view;
  if (session.status === 'completed' || session.status === 'archived') {
    return session.bestMap5095 === null
      ? l10n.t('completed')
      : l10n.t('completed · best mAP {0}', number(session.bestMap5095));
  }
  const last = iterations.at(-1);
  if (running !== null) return workText(l10n, running);
  if (last === undefined)
    return l10n.t('new · {0} labelled, {1} unlabelled', view.labelled.training, view.images.unlabelled);
  const { open } = last.samples;
  const { iterationNumber } = last.iteration;
  const where =
    iterationNumber === 0
      ? l10n.t('first batch')
      : l10n.t('iteration {0} of {1}', iterationNumber, session.maxIterations);
  const state =
    last.iteration.status === 'reviewing' && open > 0 ? l10n.t('{0} to review', open) : restingText(l10n, last);
  // A side bar of the default width cuts the end.
  return `${state} · ${where}`;
}

/** The status of an iteration that does not run. If all samples have a verdict, it is waiting for the next training. */
function restingText(l10n: Localiser, { iteration, samples }: IterationStatusView): string {
  if (iteration.status === 'reviewing' && samples.total > 0 && samples.open === 0) return l10n.t('reviewed');
  return iterationStatusText(l10n, iteration.status);
}

function sessionTooltip(l10n: Localiser, { session, images, labelled }: SessionStatusView): string {
  return [
    session.name,
    ...(session.description === '' ? [] : [session.description]),
    ...(session.bestMap5095 === null ? [] : [l10n.t('Best mAP50-95 {0}', number(session.bestMap5095))]),
    l10n.t(
      'Images: {0}, {1} for later, {2} unusable, {3} broken',
      imageCountsText(l10n, { labelled, unlabelled: images.unlabelled }),
      images.later,
      images.unusable,
      images.broken,
    ),
    l10n.t('Base model {0}, strategy {1}', session.baseModel, session.strategy),
  ].join('\n');
}

/** Flags of the available actions, for `when` clauses. */
function actionFlags(view: SessionStatusView): string[] {
  const can = new Set(view.actions.filter((entry) => entry.enabled).map((entry) => entry.action));
  const first = canSelectFirstBatch(view);
  const run = can.has('begin-iteration') || can.has('resume-iteration') || can.has('train-final');
  return [
    ...(first ? ['firstBatch'] : run ? ['run'] : []),
    ...(can.has('review') ? ['review'] : []),
    ...(can.has('finish-review') ? ['finish'] : []),
    ...(can.has('export-model') ? ['export'] : []),
    ...(can.has('complete-session') ? ['open'] : []),
    ...(can.has('reopen-session') ? ['closed'] : []),
  ];
}
