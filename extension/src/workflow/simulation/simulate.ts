import { boxesOf, parseLabelFile } from '../../core/dataset/labelFile.ts';
import type { DatasetSource } from '../../core/dataset/types.ts';
import { createRandom, seedFrom, shuffled } from '../../core/random.ts';
import type { SessionSettings } from '../../core/session/types.ts';
import { rescanDataset } from '../dataset/datasets.ts';
import type { Ports, RunOptions } from '../ports/ports.ts';
import { WorkflowError, requireRow } from '../shared/errors.ts';
import { ImageLocator } from '../dataset/images.ts';
import { runIteration } from '../iteration/runIteration.ts';
import type { ImageLocation, LabelContent, LabelSource } from '../ports/labelSource.ts';
import type { IterationRow } from '../ports/store/iterations.ts';
import { readLabel } from '../dataset/readLabel.ts';
import { finishReview } from '../review/finishReview.ts';
import { submitVerdict } from '../review/verdicts.ts';
import { createSession } from '../session/sessions.ts';

/** Knows the labels of a fully labelled dataset, as a person who reviews would draw them. */
export interface Oracle {
  reveal(image: ImageLocation): Promise<LabelContent | null>;
}

export interface SimulationOptions {
  readonly source: DatasetSource;
  readonly settings: Partial<SessionSettings>;
  /** Images labelled before the first training; 0 lets the session choose its first batch itself. */
  readonly start: number;
  readonly iterations: number;
}

/** One training: a row of the learning curve. */
export interface SimulationRow {
  readonly labelledImages: number;
  readonly labelledBoxes: number;
  readonly map50: number;
  readonly map5095: number;
  readonly validationImages: number;
  readonly trainingSeconds: number;
  readonly scoringSeconds: number;
}

/**
 * Runs the same use cases as a person would, with labels revealed from the dataset instead of drawn. The ports'
 * label source must be the oracle's own, so that the dataset stays untouched.
 * The start images depend on the seed alone, not on the strategy, so that strategies are compared from one start.
 */
export async function simulate(
  ports: Ports,
  oracle: Oracle,
  simulation: SimulationOptions,
  options: RunOptions = {},
  onRow: (row: SimulationRow) => void = () => {},
): Promise<SimulationRow[]> {
  const { session, scan } = await createSession(ports, simulation.source, simulation.settings, options);
  await revealStart(ports, oracle, scan.dataset.id, simulation.start, session.seed, scan.hasValidationSplit);
  await rescanDataset(ports, scan.dataset.id, options);
  const rows: SimulationRow[] = [];
  while (rows.length < simulation.iterations) {
    const iteration = await runIteration(ports, session.id, options);
    // Iteration 0 chooses a first batch and trains nothing.
    if (iteration.iterationNumber > 0) {
      const row = rowOf(iteration);
      rows.push(row);
      onRow(row);
    }
    if (rows.length === simulation.iterations || iteration.status !== 'reviewing') break;
    await reviewByOracle(ports, oracle, iteration.id, scan.dataset.id);
    await finishReview(ports, iteration.id);
  }
  return rows;
}

function rowOf(iteration: IterationRow): SimulationRow {
  return {
    labelledImages: iteration.trainingImagesCount ?? 0,
    labelledBoxes: iteration.trainingBoxesCount ?? 0,
    map50: iteration.map50 ?? 0,
    map5095: iteration.map5095 ?? 0,
    validationImages: iteration.validationImagesCount ?? 0,
    trainingSeconds: iteration.trainingTimeSeconds ?? 0,
    scoringSeconds: iteration.scoringTimeSeconds ?? 0,
  };
}

/** What a person would have drawn; nothing where the label of the dataset cannot be used. */
function truthOf(oracle: Oracle): Pick<LabelSource, 'read'> {
  return { read: (image) => oracle.reveal(image) };
}

/** Labels all validation images and a random start set, as if they had been labelled before the session. */
async function revealStart(
  ports: Pick<Ports, 'labels' | 'store'>,
  oracle: Oracle,
  datasetId: number,
  start: number,
  seed: number,
  splitIsGiven: boolean,
): Promise<void> {
  const locator = await ImageLocator.of(ports, datasetId);
  const images = (await ports.store.images.find({ datasetId })).filter((image) => image.state !== 'broken');
  const validation = splitIsGiven ? images.filter((image) => image.split === 'val') : [];
  const pool = images.filter((image) => image.split === 'train' || image.split === 'pool');
  let revealed = 0;
  for (const image of shuffled(pool, createRandom(seedFrom('start', seed)))) {
    if (revealed === start) break;
    const location = locator.locate(image);
    const { label } = await readLabel(truthOf(oracle), location);
    if (!label) continue;
    await ports.labels.write(location, label.bytes);
    revealed++;
  }
  if (revealed < start) {
    throw new WorkflowError(
      'no-labels',
      `The dataset holds only ${revealed} labelled training images; ${start} were asked for as a start.`,
      'A simulation needs a fully labelled dataset: choose a smaller --start or another dataset.',
    );
  }
  for (const image of validation) {
    const location = locator.locate(image);
    const { label } = await readLabel(truthOf(oracle), location);
    if (label) await ports.labels.write(location, label.bytes);
  }
}

async function reviewByOracle(ports: Ports, oracle: Oracle, iterationId: number, datasetId: number): Promise<void> {
  const locator = await ImageLocator.of(ports, datasetId);
  const { classNames } = requireRow(await ports.store.datasets.get(datasetId), 'dataset', datasetId);
  for (const sample of await ports.store.samples.list(iterationId)) {
    const image = requireRow(await ports.store.images.get(sample.imageId), 'image', sample.imageId);
    const { label } = await readLabel(truthOf(oracle), locator.locate(image));
    if (!label) {
      await submitVerdict(ports, sample.id, { verdict: 'rejected-unusable' });
      continue;
    }
    const boxes = boxesOf(parseLabelFile(label.text, { classCount: classNames.length }));
    await submitVerdict(
      ports,
      sample.id,
      boxes.length > 0 ? { verdict: 'corrected', boxes } : { verdict: 'rejected-background' },
    );
  }
}
