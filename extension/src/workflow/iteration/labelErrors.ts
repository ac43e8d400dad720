import type { Split } from '../../core/dataset/types.ts';
import { iou } from '../../core/detection/iou.ts';
import type { PixelBox } from '../../core/detection/types.ts';
import {
  labelQuality,
  limitsFromHits,
  smallestSimilarity,
  type JudgedImage,
  type LabelQuality,
} from '../../core/labelErrors/objectLab.ts';
import { readTruth, type GroundTruthImage } from '../dataset/groundTruth.ts';
import { eachImage } from '../dataset/images.ts';
import { validationDetections } from '../models/validationDetections.ts';
import { reportProgress, type Ports, type RunOptions } from '../ports/ports.ts';
import type { ImageRow } from '../ports/store/images.ts';
import type { ModelVersionRow } from '../ports/store/models.ts';
import type { SessionRow } from '../ports/store/sessions.ts';
import { WorkflowError, throwIfCancelled } from '../shared/errors.ts';

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
  const judges = await readJudges(ports, session);
  const byJudge = new Map<Judge, ImageRow[]>();
  let leftOut = 0;
  for await (const image of eachImage(ports, { datasetId: session.datasetId, states: ['labelled'] })) {
    const judge = judges.find(({ hasSeen }) => !hasSeen(image));
    if (judge === undefined) leftOut += 1;
    else byJudge.set(judge, [...(byJudge.get(judge) ?? []), image]);
  }
  const judged: JudgedRow[] = [];
  for (const [{ version }, images] of byJudge) {
    throwIfCancelled(options.signal);
    const truth = await readTruth(ports, session.datasetId, images);
    const text = `Comparing the labels of ${truth.length} images with version ${version.versionNumber}`;
    reportProgress(options, 'label-errors', text);
    const found = await validationDetections(ports, session, version, truth, options);
    const rows = new Map(images.map((image) => [image.id, image]));
    for (const entry of truth) {
      const row = rows.get(entry.imageId);
      const kept = found.get(entry.imageId);
      if (row === undefined || kept === undefined || kept.error !== null) leftOut += 1;
      else judged.push({ version: version.versionNumber, entry, row, image: scaled(entry, row, kept.detections) });
    }
  }
  return { images: rank(judged), judged: judged.length, leftOut };
}

interface JudgedRow {
  readonly version: number;
  readonly entry: GroundTruthImage;
  readonly row: ImageRow;
  readonly image: JudgedImage;
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
  const judges: Judge[] = [];
  // A version may have started from the one before it, so it has seen what that one trained on.
  const seen = new Set<number>();
  let allKnown = true;
  for (const version of versions) {
    const iteration = await ports.store.iterations.get(version.iterationId);
    const trainedOn = await ports.store.runs.trainingImages(iteration?.runId ?? '');
    for (const id of trainedOn ?? []) seen.add(id);
    // Older releases did not record it: all training images count as seen.
    allKnown &&= trainedOn !== null;
    if (!(await ports.artifacts.exists(version.modelPath))) continue;
    const [own, isKnown] = [new Set(seen), allKnown];
    judges.unshift({ version, hasSeen: ({ id, split }) => own.has(id) || (!isKnown && !isHeldOut(split)) });
  }
  return judges.toSorted((a, b) => Number(b.version.isActive) - Number(a.version.isActive));
}

function isHeldOut(split: Split): boolean {
  return split === 'val' || split === 'test';
}

function scaled(
  entry: GroundTruthImage,
  { width, height }: ImageRow,
  detections: JudgedImage['predictions'],
): JudgedImage {
  const scale = comparedSide / Math.max(width ?? 1, height ?? 1);
  const toScale = ({ x1, y1, x2, y2 }: PixelBox): PixelBox => ({
    x1: x1 * scale,
    y1: y1 * scale,
    x2: x2 * scale,
    y2: y2 * scale,
  });
  return {
    labels: entry.truth.map(({ classId, box }) => ({ classId, box: toScale(box) })),
    predictions: detections.map((detection) => ({ ...detection, box: toScale(detection.box) })),
  };
}

function rank(rows: readonly JudgedRow[]): QuestionedImage[] {
  const images = rows.map(({ image }) => image);
  const limits = limitsFromHits(images);
  const smallest = smallestSimilarity(images, limits);
  return rows
    .map(({ version, entry, row, image }) => {
      const scores = labelQuality(image, smallest, limits);
      const { imageId, path } = entry;
      const findings = findingsOf(entry, row, image, scores);
      return { imageId, path, split: row.split, version, quality: scores.quality, findings };
    })
    .filter(({ findings }) => findings.length > 0)
    .toSorted((a, b) => a.quality - b.quality || a.imageId - b.imageId);
}

function findingsOf(
  { truth }: GroundTruthImage,
  { width, height }: ImageRow,
  { labels, predictions }: JudgedImage,
  { overlooked, placed, classed }: LabelQuality,
): LabelFinding[] {
  const scale = Math.max(width ?? 1, height ?? 1) / comparedSide;
  const missing = predictions.flatMap(({ classId, confidence, box }, place): LabelFinding[] => {
    if ((overlooked[place] ?? null) === null) return [];
    const inImage = { x1: box.x1 * scale, y1: box.y1 * scale, x2: box.x2 * scale, y2: box.y2 * scale };
    return [{ kind: 'overlooked', classId, otherClassId: null, confidence, box: inImage }];
  });
  const wrong = truth.flatMap(({ classId, box }, place): LabelFinding[] => {
    const isMisplaced = (placed[place] ?? 1) < reportedBelow.placed;
    const isMisnamed = (classed[place] ?? 1) < reportedBelow.classed;
    const label = labels[place];
    if (label === undefined) return [];
    const other = isMisnamed ? bestOver(label.box, predictions, (id) => id !== classId) : null;
    const own = isMisplaced ? bestOver(label.box, predictions, (id) => id === classId) : null;
    return [
      ...(isMisnamed
        ? [
            {
              kind: 'classed' as const,
              classId,
              otherClassId: other?.classId ?? null,
              confidence: other?.confidence ?? null,
              box,
            },
          ]
        : []),
      ...(own === null
        ? []
        : [{ kind: 'placed' as const, classId, otherClassId: null, confidence: own.confidence, box }]),
    ];
  });
  return [...missing, ...wrong];
}

/** The surest prediction of such a class that overlaps the box by half; otherwise the one that overlaps it most. */
function bestOver(
  box: PixelBox,
  predictions: JudgedImage['predictions'],
  isWanted: (classId: number) => boolean,
): JudgedImage['predictions'][number] | null {
  const near = predictions
    .filter(({ classId }) => isWanted(classId))
    .map((prediction) => ({ prediction, overlap: iou(prediction.box, box) }))
    .filter(({ overlap }) => overlap > 0);
  const [best] = near.toSorted(
    (a, b) =>
      Number(b.overlap >= 0.5) - Number(a.overlap >= 0.5) ||
      (a.overlap >= 0.5 ? b.prediction.confidence - a.prediction.confidence : b.overlap - a.overlap),
  );
  return best?.prediction ?? null;
}
