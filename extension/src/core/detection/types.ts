/** A box in pixels of the image as Ultralytics reads it (EXIF orientation applied): x1 < x2, y1 < y2. */
export interface PixelBox {
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
}

/** Class scores of one box, only those that are high enough to keep: parallel arrays, classes ascending. */
export interface SparseScores {
  readonly classIds: readonly number[];
  readonly scores: readonly number[];
}

/** One predicted object. `confidence` is its highest class score, 0…1. */
export interface Detection {
  readonly classId: number;
  readonly confidence: number;
  readonly box: PixelBox;
  /** Absent if the head has no class vector (end-to-end heads). */
  readonly classScores?: SparseScores;
  /** Mean normalised entropy of the four side distributions, 0…1; only if requested and if the head has them (DFL). */
  readonly localisationEntropy?: number;
}

/** The output layout of a model: `dense` [1,4+nc,N], `end2end` [1,300,6] xyxy pixels, `rtdetr` [1,300,6] normalised cxcywh. */
export type Head = 'dense' | 'end2end' | 'rtdetr';

/** One named output of an exported model. */
export interface ModelOutput {
  readonly name: string;
  readonly role: 'detections' | 'embedding' | 'dfl' | 'feature';
  /** Length of the vector (embedding only). */
  readonly dimensions?: number;
}

/** `model.json` next to `model.onnx`. The trainer writes it, so that no code needs to parse Python reprs. */
export interface ModelInfo {
  readonly schema: 1;
  readonly head: Head;
  /** Class names by class id. */
  readonly names: readonly string[];
  readonly stride: number;
  /** Side length in pixels the model was trained at. */
  readonly imageSize: number;
  /** Whether height, width and batch of the input are symbolic. */
  readonly dynamic: boolean;
  readonly input: { readonly name: string };
  readonly outputs: readonly ModelOutput[];
}
