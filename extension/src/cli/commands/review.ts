import { resolve } from 'node:path';
import { readLabelFile } from '../../adapters/labels/fileLabels.ts';
import { boxesOf, parseLabelFile } from '../../core/dataset/labelFile.ts';
import type { LabelBox } from '../../core/dataset/types.ts';
import type { Verdict } from '../../core/session/types.ts';
import { UsageError } from '../../workflow/operations/operation.ts';
import {
  acceptConfidentOperation,
  acceptOperation,
  correctOperation,
  listSamplesOperation,
  rejectOperation,
  skipOperation,
  redoOperation,
  undoOperation,
} from '../../workflow/operations/reviewOperations.ts';
import type { Command } from '../command.ts';
import { defineCommand } from '../defineCommand.ts';
import { textFlag } from '../flags.ts';
import { table } from '../output.ts';
import { workspaceEnvironment } from '../session.ts';

const samples = defineCommand({
  name: 'samples',
  operation: listSamplesOperation,
  environment: workspaceEnvironment,
  text: (list) =>
    table(
      ['sample', 'combined', 'boxes', 'verdict', 'image', 'reasons'],
      list.map((sample) => [
        sample.id,
        sample.combinedScore,
        sample.shown,
        sample.verdict ?? 'open',
        sample.path,
        sample.reasons.join('; '),
      ]),
    ),
});

interface VerdictResult {
  readonly sample: number;
  readonly verdict: Verdict | null;
  readonly open: number;
}

const verdictCommand = {
  environment: workspaceEnvironment,
  argument: 'sample',
  text: ({ sample, verdict, open }: VerdictResult) => `Sample ${sample}: ${verdict}. ${remaining(open)}`,
};

function remaining(open: number): string {
  return open === 0 ? 'All samples are reviewed. Next: finish' : `${open} left.`;
}

const accept = defineCommand({ ...verdictCommand, name: 'accept', operation: acceptOperation });
const acceptConfident = defineCommand({
  name: 'accept-confident',
  operation: acceptConfidentOperation,
  environment: workspaceEnvironment,
  text: ({ accepted, failed, open }) =>
    `${accepted.length} accepted.${failed > 0 ? ` ${failed} could not be written.` : ''} ${remaining(open)}`,
});
const reject = defineCommand({ ...verdictCommand, name: 'reject', operation: rejectOperation });
const skip = defineCommand({ ...verdictCommand, name: 'skip', operation: skipOperation });

const correct = defineCommand({
  ...verdictCommand,
  name: 'correct',
  operation: correctOperation,
  localFlags: [
    { name: 'labels', type: 'string', flag: '--labels <path>', help: 'A YOLO label file with the boxes (required)' },
  ],
  prepared: ['boxes'],
  prepare: async (input, flags) => ({ ...input, boxes: await readBoxes(textFlag(flags, 'labels') ?? '') }),
});

async function readBoxes(file: string): Promise<readonly LabelBox[]> {
  if (file === '') throw new UsageError('--labels is missing.');
  const path = resolve(file);
  const label = await readLabelFile(path);
  if (label === null) throw new UsageError(`There is no label file ${path}.`, 'Give the path of a YOLO label file.');
  const parsed = parseLabelFile(label.text, { classCount: null });
  const problem = parsed.problems.find((entry) => entry.severity === 'error');
  if (problem) throw new UsageError(`${path}:${problem.line}: ${problem.message}`, problem.hint);
  return boxesOf(parsed);
}

const undo = defineCommand({
  name: 'undo',
  operation: undoOperation,
  environment: workspaceEnvironment,
  text: ({ sample, verdict, open }) => `Sample ${sample} is ${verdict ?? 'open'} again. ${remaining(open)}`,
});

const redo = defineCommand({
  name: 'redo',
  operation: redoOperation,
  environment: workspaceEnvironment,
  text: ({ sample, verdict, open }) => `Sample ${sample} is ${verdict ?? 'open'} again. ${remaining(open)}`,
});

export const reviewCommands: readonly Command[] = [samples, accept, acceptConfident, correct, reject, skip, undo, redo];
