import {
  exportModelOperation,
  finishReviewOperation,
  runIterationOperation,
} from '../../workflow/operations/iterationOperations.ts';
import { iterationName } from '../../core/session/iterationName.ts';
import { defineCommand } from '../defineCommand.ts';
import { workspaceEnvironment } from '../session.ts';

export const runCommand = defineCommand({
  name: 'run',
  operation: runIterationOperation,
  environment: workspaceEnvironment,
  text: ({ iterationNumber, trainingImagesCount, map50, map5095, validationImagesCount, ...iteration }) =>
    [
      ...(map50 === null
        ? []
        : [
            `Iteration ${iterationNumber}: trained on ${trainingImagesCount} images, mAP50 ${map50.toFixed(3)}, mAP50-95 ${map5095?.toFixed(3)} on ${validationImagesCount} validation images.`,
          ]),
      ...(iteration.leftOut === null ? [] : [`${iteration.leftOut}.`]),
      iteration.status === 'reviewing'
        ? `${iteration.waitingSamples} samples wait for review. Next: samples`
        : 'Nothing is left to review.',
    ].join('\n'),
});

export const finishCommand = defineCommand({
  name: 'finish',
  operation: finishReviewOperation,
  environment: workspaceEnvironment,
  text: ({ iterationNumber }) => `Completed: ${iterationName(iterationNumber)}. Next: run`,
});

export const exportCommand = defineCommand({
  name: 'export',
  operation: exportModelOperation,
  environment: workspaceEnvironment,
  text: (files) => files.join('\n'),
});
