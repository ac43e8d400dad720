import type { Clock } from '../../workflow/ports/clock.ts';
import type { Store } from '../../workflow/ports/store.ts';
import { openDatabase } from './database/openDatabase.ts';
import type { DatabaseOptions } from './database/openDatabase.ts';
import type { Migration } from './migrations/migration.ts';
import { createDatasets } from './repositories/datasets.ts';
import { createDrafts } from './repositories/drafts.ts';
import { createImages } from './repositories/images.ts';
import { createIterations } from './repositories/iterations.ts';
import { createLabelEvents } from './repositories/labelEvents.ts';
import { createLeases } from './repositories/leases.ts';
import { createModels } from './repositories/models.ts';
import { createPredictions } from './repositories/predictions.ts';
import { createRuns } from './repositories/runs.ts';
import { createSamples } from './repositories/samples.ts';
import { createSessions } from './repositories/sessions.ts';
import { createValidationDetections } from './repositories/validationDetections.ts';
import type { Synchronous } from './synchronous.ts';

/** The store without promises, for its thread and for tests of the repositories. */
export type StoreCore = Synchronous<Store> & {
  /** Warnings about damaged rows that lists omitted since the last call. */
  takeWarnings(): string[];
};

/**
 * Opens the database and creates its repositories.
 * @throws StoreError as `openDatabase`.
 */
export function openStoreCore(
  options: DatabaseOptions,
  clock: Pick<Clock, 'now'>,
  migrations?: readonly Migration[],
  onIdentified?: () => void,
): StoreCore {
  const { connection, info } = openDatabase(options, clock, migrations, onIdentified);
  return {
    info: () => info,
    dataVersion: () => connection.dataVersion(),
    close: () => connection.close(),
    takeWarnings: () => connection.takeWarnings(),
    datasets: createDatasets(connection),
    images: createImages(connection),
    sessions: createSessions(connection),
    iterations: createIterations(connection),
    samples: createSamples(connection),
    drafts: createDrafts(connection),
    models: createModels(connection),
    predictions: createPredictions(connection),
    validationDetections: createValidationDetections(connection),
    labelEvents: createLabelEvents(connection),
    runs: createRuns(connection),
    leases: createLeases(connection),
  };
}
