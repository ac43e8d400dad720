import {
  addClassOperation,
  moveDatasetOperation,
  rescanDatasetOperation,
  setPoolFoldersOperation,
  simulateOperation,
  validateDatasetOperation,
  writeDataYamlOperation,
} from './datasetOperations.ts';
import { exportModelOperation, finishReviewOperation, runIterationOperation } from './iterationOperations.ts';
import type { Operation } from './operation.ts';
import { findLabelErrorsOperation } from './labelOperations.ts';
import {
  applyBatchOperation,
  explainImageOperation,
  findDuplicatesOperation,
  listPoolOperation,
  listScoresOperation,
  previewBatchOperation,
} from './poolOperations.ts';
import {
  acceptConfidentOperation,
  acceptOperation,
  correctOperation,
  listSamplesOperation,
  rejectOperation,
  skipOperation,
  undoOperation,
  redoOperation,
} from './reviewOperations.ts';
import {
  completeSessionOperation,
  createSessionOperation,
  deleteSessionOperation,
  duplicateSessionOperation,
  editSessionOperation,
  listSessionsOperation,
  listSettingsOperation,
  reopenSessionOperation,
  sessionStatusOperation,
} from './sessionOperations.ts';

/** What every interface knows of an operation before it calls it. */
export type OperationEntry = Pick<Operation, 'id' | 'title' | 'effect' | 'input' | 'output'>;

/** Every operation, in the order of a session. */
export const operations: readonly OperationEntry[] = [
  createSessionOperation,
  editSessionOperation,
  listSessionsOperation,
  sessionStatusOperation,
  duplicateSessionOperation,
  completeSessionOperation,
  reopenSessionOperation,
  rescanDatasetOperation,
  setPoolFoldersOperation,
  addClassOperation,
  moveDatasetOperation,
  deleteSessionOperation,
  listSettingsOperation,
  runIterationOperation,
  listSamplesOperation,
  acceptOperation,
  acceptConfidentOperation,
  correctOperation,
  rejectOperation,
  skipOperation,
  undoOperation,
  redoOperation,
  explainImageOperation,
  listPoolOperation,
  previewBatchOperation,
  applyBatchOperation,
  listScoresOperation,
  finishReviewOperation,
  exportModelOperation,
  validateDatasetOperation,
  writeDataYamlOperation,
  findDuplicatesOperation,
  findLabelErrorsOperation,
  simulateOperation,
];
