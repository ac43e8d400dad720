import { join } from 'node:path';
import { createDatasetFiles } from '../../src/adapters/files/listing/datasetFiles.ts';
import { createWorkspaceLabels } from '../../src/adapters/labels/workspaceLabels.ts';
import type { DatasetProblem, DatasetSource } from '../../src/core/dataset/types.ts';
import { toErrorReport } from '../../src/core/errors.ts';
import { visibleText } from '../../src/core/text/escapeText.ts';
import { validateDataset } from '../../src/workflow/dataset/validateDataset.ts';
import type { BadInput, Told } from './badInput.ts';

/** Passes an input to the product. @returns all reports, whether they ended the work or not. */
export async function meet(input: BadInput, folder: string): Promise<readonly Told[]> {
  try {
    return await input.meet(folder);
  } catch (error) {
    return [toErrorReport(error)];
  }
}

/** What a terminal shows of it: the escaping is that of every edge of the product. */
export function shown({ message, hint, where, line }: Told): string {
  const place = where === undefined ? '' : `${where}${line === undefined ? '' : `:${line}`}: `;
  return visibleText(`${place}${message} ${hint}`);
}

/** Checks the dataset `data.yaml` of a folder, as "validate" does. */
export const validateYaml = (folder: string): Promise<readonly Told[]> =>
  validate(folder, { kind: 'yaml', path: join(folder, 'data.yaml'), poolFolders: [] });

async function validate(folder: string, source: DatasetSource): Promise<readonly Told[]> {
  const ports = { datasetFiles: createDatasetFiles(), labels: createWorkspaceLabels(join(folder, '.active-learning')) };
  return (await validateDataset(ports, source)).problems.map(toldOf);
}

function toldOf({ code, message, hint, file, line }: DatasetProblem): Told {
  const place = file === undefined ? {} : { where: file };
  return { code, message, hint, ...place, ...(line === undefined ? {} : { line }) };
}
