import { tmpdir } from 'node:os';
import { createDatasetReader } from '../../adapters/files/reader/datasetReader.ts';
import { createFileLabels } from '../../adapters/labels/fileLabels.ts';
import { productPaths } from '../../composition/productPaths.ts';
import { validateDatasetOperation } from '../../workflow/operations/datasetOperations.ts';
import type { Ports } from '../../workflow/ports/ports.ts';
import { defineCommand, type Environment } from '../defineCommand.ts';
import { progressLines, table } from '../output.ts';
import { findDescription, problemLine } from './sessions.ts';

/** A dataset is read without a workspace. */
const datasetEnvironment: Environment<Pick<Ports, 'datasetFiles' | 'labels'>> = {
  flags: [],
  async use(_flags, terminal, work) {
    const datasetFiles = createDatasetReader({ readerPath: productPaths().datasetReader });
    const labels = createFileLabels({ backupFolder: tmpdir() });
    const options = { report: progressLines(terminal), signal: terminal.signal };
    return work({ datasetFiles, labels }, options).finally(() => datasetFiles.close());
  },
};

export const validateCommand = defineCommand({
  name: 'validate',
  operation: validateDatasetOperation,
  environment: datasetEnvironment,
  prepare: findDescription,
  text: (summary) => {
    const { images, labelled, background, unlabelled, validation, test, broken, boxes } = summary;
    return [
      `${images} images: ${labelled} labelled (${background} background), ${unlabelled} unlabelled, ${broken} broken; ${validation} for validation, ${test} for test; ${boxes} boxes`,
      table(
        ['id', 'class', 'boxes'],
        summary.classNames.map((name, id) => [id, name, summary.boxesPerClass[id] ?? 0]),
      ),
      ...summary.problems.map(problemLine),
    ].join('\n');
  },
  exitCode: ({ problems }) => (problems.some(({ severity }) => severity === 'error') ? 1 : 0),
});
