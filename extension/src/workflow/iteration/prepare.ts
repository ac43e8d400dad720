import { toTrainingLabelText } from '../../core/dataset/trainingLabels.ts';
import { makeTrainingPlan } from '../../core/session/trainingPlan.ts';
import { absentImageNotes, absentImages } from '../dataset/absentImages.ts';
import { requireOwnValidation, rescanDataset } from '../dataset/datasets.ts';
import { reportProgress, type Ports, type RunOptions } from '../ports/ports.ts';
import { WorkflowError, throwIfCancelled } from '../shared/errors.ts';
import { ImageLocator } from '../dataset/images.ts';
import type { ImageRow } from '../ports/store/images.ts';
import type { IterationChange, IterationRow } from '../ports/store/iterations.ts';
import type { SessionRow } from '../ports/store/sessions.ts';
import type { SnapshotImage } from '../ports/job.ts';
import { readLabel } from '../dataset/readLabel.ts';
import { currentValidation } from '../dataset/validationSet.ts';

/**
 * Step 1: updates the dataset, fixes the validation revision, and writes the run folder with a snapshot of L(n).
 * Training uses labelled images only; unlabelled ones never become background.
 */
export async function prepareTraining(
  ports: Ports,
  session: SessionRow,
  iteration: IterationRow,
  options: RunOptions,
): Promise<IterationChange> {
  const scan = await rescanDataset(ports, session.datasetId, options);
  for (const note of absentImageNotes(await absentImages(ports, session.datasetId)))
    reportProgress(options, 'prepare', note);
  const before = await ports.store.datasets.latestRevision(session.datasetId);
  // Frozen validation images stay; missing ones of a named split are not replaced.
  if (before === null) requireOwnValidation(scan.problems);
  const revision = await currentValidation(ports, session.datasetId, scan.hasValidationSplit, session.seed);
  const held = new Set(revision.members.map((member) => member.imageId));
  const gone = before?.members.filter(({ imageId }) => !held.has(imageId)).length ?? 0;
  if (before && gone > 0) {
    reportProgress(
      options,
      'prepare',
      `${gone} of the ${before.members.length} validation images of before ${gone === 1 ? 'is' : 'are'} not there: numbers are measured on ${held.size} now, and earlier models are measured again on these.`,
    );
  }
  const known = new Set(before?.members.map(({ imageId }) => imageId));
  const joined = revision.members.filter(({ imageId }) => !known.has(imageId)).length;
  if (before && joined > 0 && !scan.hasValidationSplit) {
    reportProgress(
      options,
      'prepare',
      `${joined} ${joined === 1 ? 'image that was' : 'images that were'} labelled blind ${joined === 1 ? 'joins' : 'join'} the validation set: numbers are measured on ${held.size} images now, and earlier models are measured again on these.`,
    );
  }
  const labelled = await ports.store.images.find({
    datasetId: session.datasetId,
    states: ['labelled'],
    splits: ['train', 'pool'],
  });
  const training = labelled.filter((image) => !held.has(image.id));
  if (training.length === 0) {
    throw new WorkflowError(
      'no-labels',
      'There is no labelled image to train on.',
      'Label some images first: an empty .txt file means "nothing here", a missing one means "not labelled yet".',
    );
  }
  const snapshot = new SnapshotBuilder(
    ports,
    await ImageLocator.of(ports, session.datasetId),
    scan.dataset.classNames.length,
  );
  for (const image of training) await snapshot.add(image, 'train', options);
  const members = await ports.store.images.find({ datasetId: session.datasetId, ids: [...held] });
  for (const image of members) await snapshot.add(image, 'val', options);
  if (snapshot.boxes === 0) {
    throw new WorkflowError(
      'no-labels',
      `None of the ${training.length} labelled images has a box.`,
      'A detector needs examples: draw boxes on some images first.',
    );
  }

  const environment = await ports.trainer.checkEnvironment();
  const cpu =
    session.device === 'cpu' || (session.device === 'auto' && environment.devices.every((device) => device === 'cpu'));
  const plan = makeTrainingPlan(session, {
    labelledImages: snapshot.count('train'),
    validationImages: snapshot.count('val'),
    cpu,
    threads: ports.system.threads,
  });
  if (plan.epochs > session.epochs) {
    const images = snapshot.count('train');
    const steps = Math.ceil(images / plan.batch);
    reportProgress(
      options,
      'prepare',
      `The training runs for ${plan.epochs} epochs instead of ${session.epochs}: ${images} labelled images give ${steps} steps an epoch, and a detector needs about ${plan.epochs * steps}. A number of epochs that you set yourself is kept.`,
    );
  }
  const runId = `s${session.id}-i${iteration.iterationNumber}-${ports.system.newId()}`;
  const run = {
    id: runId,
    sessionId: session.id,
    iterationId: iteration.id,
    job: 'train',
    state: 'prepared',
    folder: `${ports.runsFolder}/${runId}`,
    labelSnapshot: ports.system.digest(snapshot.trainedOn.toSorted().join('\n')),
  } as const;
  const trainingImages = snapshot.images.flatMap(({ imageId, split }) => (split === 'train' ? [imageId] : []));
  await ports.store.runs.create(run, trainingImages);
  reportProgress(
    options,
    'prepare',
    `Copying ${snapshot.count('train')} labelled and ${snapshot.count('val')} validation images for the trainer`,
  );
  await ports.trainer.prepare({
    kind: 'train',
    runId,
    classNames: scan.dataset.classNames,
    images: snapshot.images,
    plan,
    weights: await startingWeights(ports, session),
    allowDownload: options.allowDownload === true,
    seed: session.seed,
    device: session.device,
  });
  return {
    runId,
    trainingImagesCount: snapshot.count('train'),
    trainingBoxesCount: snapshot.boxes,
    validationImagesCount: snapshot.count('val'),
    validationRevisionId: revision.id,
  };
}

/** The base weights, or the weights of the newest version if the session warm-starts. */
export async function startingWeights(ports: Pick<Ports, 'store'>, session: SessionRow): Promise<string> {
  if (!session.warmStart) return session.baseModel;
  return (await ports.store.models.list(session.id)).at(-1)?.weightsPath ?? session.baseModel;
}

class SnapshotBuilder {
  readonly images: SnapshotImage[] = [];
  /** Boxes of the training images. */
  boxes = 0;
  /** Content and label hash of each training image: an exact record of the training data. */
  readonly trainedOn: string[] = [];
  readonly #ports: Ports;
  readonly #locator: ImageLocator;
  readonly #classCount: number;

  constructor(ports: Ports, locator: ImageLocator, classCount: number) {
    this.#ports = ports;
    this.#locator = locator;
    this.#classCount = classCount;
  }

  count(split: 'train' | 'val'): number {
    return this.images.filter((image) => image.split === split).length;
  }

  async add(image: ImageRow, split: 'train' | 'val', options: RunOptions): Promise<void> {
    throwIfCancelled(options.signal);
    const { label, problem } = await readLabel(this.#ports.labels, this.#locator.locate(image));
    if (problem) reportProgress(options, 'prepare', problem.message);
    if (label === null) return;
    const clean = toTrainingLabelText(label.text, this.#classCount);
    // As an empty label, a file of unusable rows would teach that the image has no objects.
    if (!clean.trainable) {
      reportProgress(options, 'prepare', `${image.relativePath} stays out: none of its label rows can be used`);
      return;
    }
    if (split === 'train') {
      this.boxes += clean.boxes.length;
      this.trainedOn.push(`${image.contentHash} ${label.hash}`);
    }
    this.images.push({ imageId: image.id, absolutePath: this.#locator.path(image), labelText: clean.text, split });
  }
}
