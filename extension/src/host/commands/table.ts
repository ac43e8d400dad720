import type { CommandHandler } from '../context.ts';
import { commandIds, type CommandId } from '../ids.ts';
import { openHelp, openRunLog, refreshView, showActivity, showLog } from './activity.ts';
import { browseImages } from './browseImages.ts';
import {
  locateDataset,
  openDatasetFile,
  rescanDatasetCommand,
  validateDatasetCommand,
  writeDataYamlCommand,
} from './datasets.ts';
import { deleteSessionCommand } from './deleteSession.ts';
import { manageDiskSpace } from './diskSpace.ts';
import { findDuplicatesCommand } from './duplicates.ts';
import { reviewImageCommand } from './reviewImage.ts';
import { findLabelErrorsCommand } from './labelErrors.ts';
import { editSessionCommand } from './editSession.ts';
import { checkEnvironmentCommand, selectPython, setUpEnvironmentCommand } from './environment.ts';
import { trustFolderCommand } from './folderTrust.ts';
import { runIterationCommand, selectFirstBatchCommand, stopIteration, takeOverIteration } from './iterations.ts';
import { exportModelCommand, exportVersionCommand, revealModel, setActiveModel } from './models.ts';
import { newScoreCommand } from './newScore.ts';
import { newSession } from './newSession.ts';
import { previewBatchCommand } from './previewBatch.ts';
import { finishReviewCommand, openMetrics, openReview } from './review.ts';
import { completeSessionCommand, duplicateSessionCommand, renameSession, reopenSessionCommand } from './sessions.ts';
import { chooseStorageCommand } from './storage.ts';

/** The handler of every command in the palette and the menus. */
export const commandTable: Readonly<Record<CommandId, CommandHandler>> = {
  [commandIds.sessionNew]: newSession,
  [commandIds.sessionEdit]: editSessionCommand,
  [commandIds.sessionRename]: renameSession,
  [commandIds.sessionDuplicate]: duplicateSessionCommand,
  [commandIds.sessionDelete]: deleteSessionCommand,
  [commandIds.sessionComplete]: completeSessionCommand,
  [commandIds.sessionReopen]: reopenSessionCommand,
  [commandIds.iterationRun]: runIterationCommand,
  [commandIds.batchSelectFirst]: selectFirstBatchCommand,
  [commandIds.iterationStop]: stopIteration,
  [commandIds.batchPreview]: previewBatchCommand,
  [commandIds.iterationTakeOver]: takeOverIteration,
  [commandIds.reviewOpen]: openReview,
  [commandIds.reviewFinish]: finishReviewCommand,
  [commandIds.imagesBrowse]: browseImages,
  [commandIds.metricsOpen]: openMetrics,
  [commandIds.scoreNew]: newScoreCommand,
  [commandIds.modelExport]: exportModelCommand,
  [commandIds.modelExportVersion]: exportVersionCommand,
  [commandIds.modelSetActive]: setActiveModel,
  [commandIds.modelReveal]: revealModel,
  [commandIds.datasetValidate]: validateDatasetCommand,
  [commandIds.datasetRescan]: rescanDatasetCommand,
  [commandIds.imageReview]: reviewImageCommand,
  [commandIds.datasetDuplicates]: findDuplicatesCommand,
  [commandIds.datasetLabelErrors]: findLabelErrorsCommand,
  [commandIds.datasetLocate]: locateDataset,
  [commandIds.datasetOpen]: openDatasetFile,
  [commandIds.datasetDescribe]: writeDataYamlCommand,
  [commandIds.environmentSetUp]: setUpEnvironmentCommand,
  [commandIds.environmentSelect]: selectPython,
  [commandIds.environmentCheck]: checkEnvironmentCommand,
  [commandIds.diskSpaceManage]: manageDiskSpace,
  [commandIds.runOpenLog]: openRunLog,
  [commandIds.activityShow]: showActivity,
  [commandIds.folderTrust]: trustFolderCommand,
  [commandIds.storageChoose]: chooseStorageCommand,
  [commandIds.viewRefresh]: refreshView,
  [commandIds.helpOpen]: openHelp,
  [commandIds.logShow]: showLog,
};
