import type { Command } from '../command.ts';
import { sourceFrom, sourceOptions } from './sessions.ts';
import { table } from '../output.ts';
import { createDatasetReader } from '../../adapters/files/datasetReader.ts';
import { productPaths } from '../../composition/productPaths.ts';
import { createFileLabels } from '../../adapters/labels/fileLabels.ts';
import { validateDataset } from '../../workflow/dataset/validateDataset.ts';
import { tmpdir } from 'node:os';
import { progressLines } from '../output.ts';

export const validateCommand: Command = {
  name: 'validate',
  usage: 'validate --data <data.yaml or folder> [--class <name> …] [--pool <folder> …] [--json]',
  summary: 'Check a dataset: counts, and every problem with its place; exit code 1 when there is an error',
  options: { ...sourceOptions, json: { type: 'boolean' } },
  async run(flags, _, terminal) {
    const datasetFiles = createDatasetReader({ readerPath: productPaths().datasetReader });
    const ports = { datasetFiles, labels: createFileLabels({ backupFolder: tmpdir() }) };
    const task = { report: progressLines(terminal), signal: terminal.signal };
    const summary = await validateDataset(ports, sourceFrom(flags), task).finally(() => datasetFiles.close());
    if (flags['json'] === true) terminal.print(JSON.stringify(summary));
    else {
      const { images, labelled, background, unlabelled, validation, test, broken, boxes } = summary;
      terminal.print(
        `${images} images: ${labelled} labelled (${background} background), ${unlabelled} unlabelled, ${broken} broken; ${validation} for validation, ${test} for test; ${boxes} boxes`,
      );
      terminal.print(
        table(
          ['id', 'class', 'boxes'],
          summary.classNames.map((name, id) => [id, name, summary.boxesPerClass[id] ?? 0]),
        ),
      );
      for (const problem of summary.problems) {
        const place =
          problem.file === undefined ? '' : `${problem.file}${problem.line === undefined ? '' : `:${problem.line}`}: `;
        terminal.print(`${problem.severity}: ${place}${problem.message} ${problem.hint}`);
      }
    }
    return summary.problems.some((problem) => problem.severity === 'error') ? 1 : 0;
  },
};
