import type { Split } from '../../core/dataset/types.ts';
import { availableActions, type AvailableAction, type SessionFacts } from '../../core/session/actions.ts';
import { absentImages, missingImages, type AbsentImage } from '../dataset/absentImages.ts';
import { isIterationBusy } from './sessionLease.ts';
import type { Ports } from '../ports/ports.ts';
import { requireRow } from '../shared/errors.ts';
import { poolSize } from '../dataset/pool.ts';
import { imagesToSetAside } from '../dataset/imagesToSetAside.ts';
import type { IterationRow } from '../ports/store/iterations.ts';
import type { ModelVersionRow } from '../ports/store/models.ts';
import type { BatchProgress } from '../ports/store/samples.ts';
import type { SessionRow } from '../ports/store/sessions.ts';

export interface IterationStatusView {
  readonly iteration: IterationRow;
  readonly model: ModelVersionRow | null;
  readonly samples: BatchProgress;
}

export interface SessionStatusView {
  readonly session: SessionRow;
  readonly iterations: readonly IterationStatusView[];
  /** The actions that are possible now, and the obstacles of the others. */
  readonly actions: readonly AvailableAction[];
  /** Number of images by state. */
  readonly images: Readonly<Record<'labelled' | 'unlabelled' | 'later' | 'unusable' | 'broken' | 'missing', number>>;
  /** Labelled images by their split. */
  readonly labelled: LabelledCounts;
  /** Labelled images that are missing or unreadable. */
  readonly absent: readonly AbsentImage[];
}

/** What the labelled images are for. */
export interface LabelledCounts {
  /** To train on, including those that will be set aside. */
  readonly training: number;
  readonly validation: number;
  readonly test: number;
  /** Of those to train on, about how many the first training sets aside for validation; 0 if there is a validation set. */
  readonly toSetAside: number;
}

/** Everything that lists and the sidebar show of a session. */
export async function sessionStatus(
  ports: Pick<Ports, 'store' | 'system' | 'trainer'>,
  sessionId: number,
): Promise<SessionStatusView> {
  const session = requireRow(await ports.store.sessions.get(sessionId), 'session', sessionId);
  const models = await ports.store.models.list(sessionId);
  const iterations: IterationStatusView[] = [];
  for (const iteration of await ports.store.iterations.list(sessionId)) {
    iterations.push({
      iteration,
      model: models.find((model) => model.iterationId === iteration.id) ?? null,
      samples: await ports.store.samples.progress(iteration.id),
    });
  }
  const count = (state: 'labelled' | 'unlabelled' | 'later' | 'unusable' | 'broken'): Promise<number> =>
    ports.store.images.count({ datasetId: session.datasetId, states: [state] });
  const last = iterations.at(-1)?.iteration ?? null;
  return {
    session,
    iterations,
    actions: availableActions(session, last, await sessionFacts(ports, session, last)),
    images: {
      labelled: await count('labelled'),
      unlabelled: await count('unlabelled'),
      later: await count('later'),
      unusable: await count('unusable'),
      broken: await count('broken'),
      missing: (await missingImages(ports, session.datasetId)).length,
    },
    labelled: await labelledCounts(ports, session.datasetId),
    absent: await absentImages(ports, session.datasetId),
  };
}

/** The labelled images of a dataset by their split. */
export async function labelledCounts(ports: Pick<Ports, 'store'>, datasetId: number): Promise<LabelledCounts> {
  const count = (splits: readonly Split[]): Promise<number> =>
    ports.store.images.count({ datasetId, states: ['labelled'], splits });
  return {
    training: await count(['train', 'pool']),
    validation: await count(['val']),
    test: await count(['test']),
    toSetAside: await imagesToSetAside(ports, datasetId),
  };
}

/** The counts that decide which actions are possible. */
export async function sessionFacts(
  ports: Pick<Ports, 'store' | 'system' | 'trainer'>,
  session: SessionRow,
  last: IterationRow | null,
): Promise<SessionFacts> {
  const { datasetId } = session;
  const progress = last ? await ports.store.samples.progress(last.id) : { total: 0, open: 0 };
  return {
    labelledImages: await ports.store.images.count({ datasetId, states: ['labelled'], splits: ['train', 'pool'] }),
    validationImages: await ports.store.images.count({ datasetId, splits: ['val'] }),
    labelledValidationImages: await ports.store.images.count({ datasetId, states: ['labelled'], splits: ['val'] }),
    poolImages: await poolSize(ports, datasetId),
    openSamples: progress.open,
    reviewedSamples: progress.total - progress.open,
    modelVersions: (await ports.store.models.list(session.id)).length,
    working: await isIterationBusy(ports, last),
  };
}
