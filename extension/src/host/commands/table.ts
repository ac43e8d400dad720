import { commandIds, type CommandId } from '../ids.ts';
import type { CommandHandler } from './handler.ts';

/** Loads the code of a command when it is first used. */
type Loader = () => Promise<CommandHandler>;

/** Every command of the palette and the menus. */
export const commandTable: Readonly<Record<CommandId, Loader>> = {
  [commandIds.sessionNew]: async () => (await import('./newSession.ts')).newSession,
  [commandIds.sessionEdit]: async () => (await import('./editSession.ts')).editSessionCommand,
  [commandIds.sessionRename]: async () => (await import('./sessions.ts')).renameSession,
  [commandIds.sessionDuplicate]: async () => (await import('./sessions.ts')).duplicateSessionCommand,
  [commandIds.sessionDelete]: async () => (await import('./deleteSession.ts')).deleteSessionCommand,
  [commandIds.sessionComplete]: async () => (await import('./sessions.ts')).completeSessionCommand,
  [commandIds.sessionReopen]: async () => (await import('./sessions.ts')).reopenSessionCommand,
  [commandIds.iterationRun]: async () => (await import('./iterations.ts')).runIterationCommand,
  [commandIds.iterationStop]: async () => (await import('./iterations.ts')).stopIteration,
  [commandIds.batchPreview]: async () => (await import('./previewBatch.ts')).previewBatchCommand,
  [commandIds.iterationTakeOver]: async () => (await import('./iterations.ts')).takeOverIteration,
  [commandIds.reviewOpen]: async () => (await import('./review.ts')).openReview,
  [commandIds.reviewFinish]: async () => (await import('./review.ts')).finishReviewCommand,
  [commandIds.poolBrowse]: async () => (await import('./browsePool.ts')).browsePool,
  [commandIds.metricsOpen]: async () => (await import('./review.ts')).openMetrics,
  [commandIds.metricNew]: async () => (await import('./newMetric.ts')).newMetricCommand,
  [commandIds.modelExport]: async () => (await import('./models.ts')).exportModelCommand,
  [commandIds.modelExportVersion]: async () => (await import('./models.ts')).exportVersionCommand,
  [commandIds.modelSetActive]: async () => (await import('./models.ts')).setActiveModel,
  [commandIds.modelReveal]: async () => (await import('./models.ts')).revealModel,
  [commandIds.datasetValidate]: async () => (await import('./datasets.ts')).validateDatasetCommand,
  [commandIds.datasetRescan]: async () => (await import('./datasets.ts')).rescanDatasetCommand,
  [commandIds.datasetDuplicates]: async () => (await import('./duplicates.ts')).findDuplicatesCommand,
  [commandIds.datasetLocate]: async () => (await import('./datasets.ts')).locateDataset,
  [commandIds.datasetOpen]: async () => (await import('./datasets.ts')).openDatasetFile,
  [commandIds.environmentSetUp]: async () => (await import('./environment.ts')).setUpEnvironmentCommand,
  [commandIds.environmentSelect]: async () => (await import('./environment.ts')).selectPython,
  [commandIds.environmentCheck]: async () => (await import('./environment.ts')).checkEnvironmentCommand,
  [commandIds.diskSpaceManage]: async () => (await import('./diskSpace.ts')).manageDiskSpace,
  [commandIds.runOpenLog]: async () => (await import('./activity.ts')).openRunLog,
  [commandIds.activityShow]: async () => (await import('./activity.ts')).showActivity,
  [commandIds.folderTrust]: async () => (await import('./folderTrust.ts')).trustFolderCommand,
  [commandIds.storageChoose]: async () => (await import('./storage.ts')).chooseStorageCommand,
  [commandIds.viewRefresh]: async () => (await import('./activity.ts')).refreshView,
  [commandIds.helpOpen]: async () => (await import('./activity.ts')).openHelp,
  [commandIds.logShow]: async () => (await import('./activity.ts')).showLog,
};
