import * as z from 'zod';
import { validateDataset } from '../dataset/validateDataset.ts';
import type { Ports } from '../ports/ports.ts';
import { simulate, type Oracle, type SimulationRow } from '../simulation/simulate.ts';
import { countField, settingsField, sourceFields, sourceOf, toggleField } from './fields.ts';
import { defineOperation } from './operation.ts';
import { problem } from './rowSchemas.ts';

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
  run: (ports: Pick<Ports, 'datasetFiles' | 'labels'>, input, options) =>
    validateDataset(ports, sourceOf(input), options),
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
