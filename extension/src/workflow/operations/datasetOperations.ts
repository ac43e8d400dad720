import * as z from 'zod';
import { addClass } from '../dataset/classes.ts';
import { relocateDataset, rescanDataset, setPoolFolders } from '../dataset/datasets.ts';
import { writeDataYaml } from '../dataset/writeDataYaml.ts';
import { runInBackground } from '../iteration/runInBackground.ts';
import type { Ports } from '../ports/ports.ts';
import { simulate, type Oracle, type SimulationRow } from '../simulation/simulate.ts';
import {
  countField,
  findSession,
  pathField,
  sessionField,
  sessionInput,
  settingsField,
  sourceFields,
  sourceOf,
  textField,
  toggleField,
} from './fields.ts';
import { defineOperation } from './operation.ts';
import { problem, scanReport } from './rowSchemas.ts';

/** A dataset can be validated without a session. */
export type ValidationPorts = Pick<Ports, 'datasetFiles' | 'labels'> & Partial<Pick<Ports, 'background' | 'trainer'>>;

export const validateDatasetOperation = defineOperation({
  id: 'dataset.validate',
  title: 'Validate a dataset: counts, and every problem with its place; exit code 1 if there is an error',
  effect: 'read',
  input: z.object(sourceFields),
  output: z.object({
    classNames: z.array(z.string()).readonly(),
    images: z.int(),
    labelled: z.int(),
    background: z.int().meta({ description: 'Labelled images without an object' }),
    unlabelled: z.int(),
    validation: z.int(),
    test: z.int(),
    broken: z.int(),
    boxes: z.int(),
    boxesPerClass: z.array(z.int()).readonly().meta({ description: 'By class id' }),
    problems: z.array(problem).readonly(),
  }),
  run: (ports: ValidationPorts, input, options) =>
    runInBackground(ports, 'validateDataset', [sourceOf(input)], options),
});

export const moveDatasetOperation = defineOperation({
  id: 'dataset.move',
  title: 'Set the new place of a moved dataset',
  effect: 'long',
  input: z.object({ session: sessionField, to: pathField('The new data.yaml or folder') }),
  output: scanReport,
  async run(ports, { session, to }, options) {
    const { datasetId } = await findSession(ports, session);
    return relocateDataset(ports, datasetId, to, options);
  },
});

export const rescanDatasetOperation = defineOperation({
  id: 'dataset.rescan',
  title: 'Read the dataset again: new, changed and missing images, and labels that other programs edited',
  effect: 'long',
  input: sessionInput,
  output: scanReport.meta({ description: 'The fields of `move`' }),
  async run(ports, { session }, options) {
    const { datasetId } = await findSession(ports, session);
    return rescanDataset(ports, datasetId, options);
  },
});

export const setPoolFoldersOperation = defineOperation({
  id: 'dataset.folders',
  title: 'Replace the pool folders of a dataset; label files and history of the others are kept',
  effect: 'long',
  input: z.object({
    session: sessionField,
    pool: z.array(pathField('Folder')).readonly().meta({ description: 'Folders of unlabelled images' }),
  }),
  output: scanReport.meta({ description: 'The fields of `move`' }),
  async run(ports, { session, pool }, options) {
    const { datasetId } = await findSession(ports, session);
    return setPoolFolders(ports, datasetId, pool, options);
  },
});

export const addClassOperation = defineOperation({
  id: 'class.add',
  title: 'Add a class after the existing ones, also to the data.yaml if there is one',
  effect: 'write',
  input: z.object({ session: sessionField, name: textField('Name of the class') }),
  output: z.object({ classNames: z.array(z.string()).readonly().meta({ description: 'By class id' }) }),
  async run(ports, { session, name }) {
    const { datasetId } = await findSession(ports, session);
    const { classNames } = await addClass(ports, datasetId, name);
    return { classNames };
  },
});

export const writeDataYamlOperation = defineOperation({
  id: 'dataset.describe',
  title: 'Write a data.yaml with lists of the labelled images into a folder of images, for other tools',
  effect: 'write',
  input: sessionInput,
  output: z.object({
    path: z.string().meta({ description: 'Absolute path of the data.yaml' }),
    training: z.int().meta({ description: 'Images in the list of train' }),
    validation: z.int().meta({ description: 'Images in the list of val' }),
  }),
  run: async (ports, { session }) => writeDataYaml(ports, await findSession(ports, session)),
});

export interface SimulationPorts extends Ports {
  readonly oracle: Oracle;
  readonly onRow?: (row: SimulationRow) => void;
}

export const simulateOperation = defineOperation({
  id: 'simulation.run',
  title: 'Simulate the loop on a labelled dataset, which stays untouched: its labels take the place of a reviewer',
  effect: 'long',
  input: z.object({
    ...sourceFields,
    settings: settingsField(),
    start: countField(0, 'Images that are labelled before the first training; 40 by default').optional(),
    iterations: countField(1, 'Trainings; 3 by default').optional(),
    allowDownload: toggleField('Allow the download of published weights that are not on this machine'),
  }),
  output: z
    .array(
      z.object({
        labelledImages: z.int(),
        labelledBoxes: z.int(),
        map50: z.number(),
        map5095: z.number(),
        validationImages: z.int(),
        trainingSeconds: z.number(),
        scoringSeconds: z.number(),
      }),
    )
    .readonly(),
  run(ports: SimulationPorts, input, options) {
    const { start = 40, iterations = 3 } = input;
    const settings = { name: 'Simulation', maxIterations: iterations, ...input.settings };
    const request = { source: sourceOf(input), settings, start, iterations };
    const allowDownload = input.allowDownload === true;
    return simulate(ports, ports.oracle, request, { ...options, allowDownload }, ports.onRow);
  },
});
