import type { Split } from '../../core/dataset/types.ts';
import { iou } from '../../core/detection/iou.ts';
import type { Detection, PixelBox } from '../../core/detection/types.ts';
import type { EvaluationImage } from '../../core/evaluation/evaluate.ts';
import {
  labelQuality,
  limitsFromHits,
  smallestSimilarity,
  type LabelQuality,
} from '../../core/labelErrors/objectLab.ts';
import { readTruth, type GroundTruthImage } from '../dataset/groundTruth.ts';
import { eachImage } from '../dataset/images.ts';
import { validationDetections } from '../models/validationDetections.ts';
import { reportProgress, type Ports, type RunOptions } from '../ports/ports.ts';
import type { ImageRow } from '../ports/store/images.ts';
import type { ModelVersionRow } from '../ports/store/models.ts';
import type { SessionRow } from '../ports/store/sessions.ts';
import { WorkflowError, requireRow, throwIfCancelled } from '../shared/errors.ts';
import { activeFirst } from '../shared/versions.ts';

/** Scores below these are reported. The images are ranked, so a person sees the worst first and stops when it pays no more. */
const reportedBelow = { placed: 0.6, classed: 0.5 };
/** The scale on which boxes are compared: ObjectLab measures distances in pixels. */
const comparedSide = 640;

/** One disagreement. */
export interface LabelFinding {
  /** `overlooked`: an object without a label; `placed`: a label in another place; `classed`: a label of another class. */
  readonly kind: 'overlooked' | 'placed' | 'classed';
  /** The class of the label; of the prediction if an object was overlooked. */
  readonly classId: number;
  /** The class that the model sees instead; null unless `classed`. A label of another class may stand there, too. */
  readonly otherClassId: number | null;
  /** Of the prediction; null if two labels contradict each other. */
  readonly confidence: number | null;
  /** In pixels of the image. */
  readonly box: PixelBox;
}

export interface QuestionedImage {
  readonly imageId: number;
  /** Absolute path. */
  readonly path: string;
  readonly split: Split;
  /** The version that judged it. */
  readonly version: number;
  /** 0 to 1; the lowest first. */
  readonly quality: number;
  readonly findings: readonly LabelFinding[];
}

export interface LabelErrorReport {
  /** The images whose labels disagree with the model, the worst first. */
  readonly images: readonly QuestionedImage[];
  /** Images that were judged. */
  readonly judged: number;
  /** Labelled images that no version can judge: each one has trained on them, or its files are gone. */
  readonly leftOut: number;
}

/**
 * Finds labelled images whose labels disagree with a model that has not trained on them: validation images by the active
 * version, training images by the newest version before they were trained on. What a version detects is kept with it, so
 * that the next call is fast.
 * @throws WorkflowError `no-model` without a version; errors of inference.
 */
export async function findLabelErrors(
  ports: Ports,
  session: SessionRow,
  options: RunOptions = {},
): Promise<LabelErrorReport> {
  const { datasetId } = session;
  const judges = await readJudges(ports, session);
  const images = judges.map((): ImageRow[] => []);
  let leftOut = 0;
  for await (const image of eachImage(ports, { datasetId, states: ['labelled'] })) {
    const judging = images[judges.findIndex(({ hasSeen }) => !hasSeen(image))];
    if (judging === undefined) leftOut += 1;
    else judging.push(image);
  }
  const judged: JudgedRow[] = [];
  for (const [place, { version }] of judges.entries()) {
    throwIfCancelled(options.signal);
    const rows = new Map(images[place]?.map((image) => [image.id, image]));
    if (rows.size === 0) continue;
    const truth = await readTruth(ports, datasetId, [...rows.values()]);
    const text = `Comparing the labels of ${truth.length} images with version ${version.versionNumber}`;
    reportProgress(options, 'label-errors', text);
    const found = await validationDetections(ports, session, version, truth, options);
    for (const entry of truth) {
      const row = rows.get(entry.imageId);
      const kept = found.get(entry.imageId);
      if (row === undefined || kept === undefined || kept.error !== null) leftOut += 1;
      else judged.push({ ...entry, detections: kept.detections, row, version: version.versionNumber });
    }
  }
  const { classNames } = requireRow(await ports.store.datasets.get(datasetId), 'dataset', datasetId);
  return { images: rank(judged, classNames.length), judged: judged.length, leftOut };
}

/** An image with its labels and what a version detects on it, in pixels of the image. */
interface JudgedRow extends GroundTruthImage, EvaluationImage {
  readonly row: ImageRow;
  readonly version: number;
}

/** A version whose files are there, and what it has trained on. */
interface Judge {
  readonly version: ModelVersionRow;
  readonly hasSeen: (image: ImageRow) => boolean;
}

/** The versions that can judge, the active one first, then the newest. @throws WorkflowError `no-model`. */
async function readJudges(ports: Pick<Ports, 'artifacts' | 'store'>, session: SessionRow): Promise<Judge[]> {
  const versions = await ports.store.models.list(session.id);
  if (versions.length === 0) {
    throw new WorkflowError(
      'no-model',
      'Labels are compared with what a model sees, and this session has no model yet.',
      'Run the first iteration.',
    );
  }
  // A version may have started from the one before it, so it has seen what that one trained on.
  const firstSeenBy = new Map<number, number>();
  let firstUnknown = Number.POSITIVE_INFINITY;
  for (const { versionNumber, iterationId } of versions) {
    const iteration = await ports.store.iterations.get(iterationId);
    const trainedOn = await ports.store.runs.trainingImages(iteration?.runId ?? '');
    for (const id of trainedOn ?? []) if (!firstSeenBy.has(id)) firstSeenBy.set(id, versionNumber);
    if (trainedOn === null) firstUnknown = Math.min(firstUnknown, versionNumber);
  }
  const judges: Judge[] = [];
  for (const version of activeFirst(versions)) {
    if (!(await ports.artifacts.exists(version.modelPath))) continue;
    const hasSeen = ({ id, split }: ImageRow): boolean => {
      // Older releases did not record it: all training images count as seen.
      const first = firstSeenBy.get(id) ?? Number.POSITIVE_INFINITY;
      return Math.min(first, isHeldOut(split) ? first : firstUnknown) <= version.versionNumber;
    };
    judges.push({ version, hasSeen });
  }
  return judges;
}

function isHeldOut(split: Split): boolean {
  return split === 'val' || split === 'test';
}

function rank(judged: readonly JudgedRow[], classCount: number): QuestionedImage[] {
  const scaled = judged.map(toComparedSide);
  const limits = limitsFromHits(scaled, classCount);
  const smallest = smallestSimilarity(scaled, limits);
  return judged
    .map((image, place) => {
      const scores = labelQuality(scaled[place] ?? image, smallest, limits);
      const { imageId, path, version } = image;
      return {
        imageId,
        path,
        split: image.row.split,
        version,
        quality: scores.quality,
        findings: findingsOf(image, scores),
      };
    })
    .filter(({ findings }) => findings.length > 0)
    .toSorted((a, b) => a.quality - b.quality || a.imageId - b.imageId);
}

function toComparedSide({ imageId, row: { width, height }, truth, detections }: JudgedRow): EvaluationImage {
  const scale = comparedSide / Math.max(width ?? 1, height ?? 1);
  const scaled = <Boxed extends { readonly box: PixelBox }>(one: Boxed): Boxed => {
    const { x1, y1, x2, y2 } = one.box;
    return { ...one, box: { x1: x1 * scale, y1: y1 * scale, x2: x2 * scale, y2: y2 * scale } };
  };
  return { imageId, truth: truth.map(scaled), detections: detections.map(scaled) };
}

function findingsOf({ truth, detections }: EvaluationImage, scores: LabelQuality): LabelFinding[] {
  const findings: LabelFinding[] = [];
  for (const [place, { classId, confidence, box }] of detections.entries()) {
    if ((scores.overlooked[place] ?? null) === null) continue;
    findings.push({ kind: 'overlooked', classId, otherClassId: null, confidence, box });
  }
  for (const [place, { classId, box }] of truth.entries()) {
    if ((scores.classed[place] ?? 1) < reportedBelow.classed) {
      const other = bestOver(box, detections, (id) => id !== classId);
      const [otherClassId, confidence] = [other?.classId ?? null, other?.confidence ?? null];
      findings.push({ kind: 'classed', classId, otherClassId, confidence, box });
    }
    if ((scores.placed[place] ?? 1) >= reportedBelow.placed) continue;
    const own = bestOver(box, detections, (id) => id === classId);
    if (own === null) continue;
    findings.push({ kind: 'placed', classId, otherClassId: null, confidence: own.confidence, box });
  }
  return findings;
}

/** The surest prediction of such a class that overlaps the box by half; otherwise the one that overlaps it most. */
function bestOver(
  box: PixelBox,
  detections: readonly Detection[],
  isWanted: (classId: number) => boolean,
): Detection | null {
  const near = detections
    .filter(({ classId }) => isWanted(classId))
    .map((detection) => ({ detection, overlap: iou(detection.box, box) }))
    .filter(({ overlap }) => overlap > 0);
  const [best] = near.toSorted(
    (a, b) =>
      Number(b.overlap >= 0.5) - Number(a.overlap >= 0.5) ||
      (a.overlap >= 0.5 ? b.detection.confidence - a.detection.confidence : b.overlap - a.overlap),
  );
  return best?.detection ?? null;
}
