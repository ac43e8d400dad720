import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { AppError } from '../../../core/errors.ts';
import { decodeOutput, type Decoded, type DecodeOptions } from '../../../core/detection/heads.ts';
import { inputSize, planLetterbox, type Letterbox, type LetterboxMode } from '../../../core/detection/letterbox.ts';
import type { Detection, ModelInfo, ModelOutput } from '../../../core/detection/types.ts';
import type { InferenceOptions, ModelFiles } from '../../../workflow/ports/inference.ts';
import { createResampler } from '../pixels/createResampler.ts';
import { InferenceError } from '../inferenceError.ts';
import type { RgbImage } from '../pixels/resample.ts';
import type { OnnxRuntime } from './runtime.ts';
import type { ExecutionProvider } from './wire.ts';

export interface Prediction {
  readonly detections: readonly Detection[];
  readonly bestScore: number;
  readonly embedding?: Float32Array;
  readonly flipped?: readonly Detection[];
}

const exportAgain = 'Export the model again, or choose another version.';

/** One thread per process: two processes are faster than one process with two threads. */
export const cpuOptions: InferenceSession.SessionOptions = {
  executionProviders: ['cpu'],
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: 'sequential',
  graphOptimizationLevel: 'all',
};

/** A loaded model that predicts one image at a time on one thread and reuses its input memory. */
export class Detector {
  readonly #runtime: OnnxRuntime;
  readonly #session: InferenceSession;
  readonly #info: ModelInfo;
  /** Side of the square input, if the graph fixes it. */
  readonly #fixedSize: number | null;
  readonly #resampler = createResampler();
  /** The input of one image; belongs to the resampler. */
  #input = new Float32Array(0);

  private constructor(runtime: OnnxRuntime, session: InferenceSession, info: ModelInfo, fixedSize: number | null) {
    this.#runtime = runtime;
    this.#session = session;
    this.#info = info;
    this.#fixedSize = fixedSize;
  }

  /**
   * Loads a model and runs it once on an empty image, so that a broken model fails before any image is read.
   * @throws InferenceError `model-broken`.
   */
  static async load(
    runtime: OnnxRuntime,
    model: ModelFiles,
    options: InferenceOptions,
    provider: ExecutionProvider,
  ): Promise<Detector> {
    try {
      const session = await runtime.InferenceSession.create(model.onnxPath, {
        ...cpuOptions,
        // Operators that the GPU lacks run on the CPU.
        executionProviders: provider === 'cpu' ? ['cpu'] : [provider, 'cpu'],
      });
      const detector = new Detector(runtime, session, model.info, checkGraph(session, model.info));
      const side = detector.#fixedSize ?? inputSize(options.imageSize, model.info.stride);
      await detector.predict({ data: new Uint8Array(side * side * 3), width: side, height: side }, options);
      return detector;
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      const hint = cause instanceof AppError ? cause.hint : exportAgain;
      throw new InferenceError('model-broken', `The model ${model.onnxPath} cannot be used: ${reason}`, hint, {
        where: model.onnxPath,
        cause,
      });
    }
  }

  /**
   * Runs the model on one image. Boxes are in pixels of that image.
   * @throws DetectionError if the output does not match `model.json`; any error of ONNX Runtime.
   */
  async predict(image: RgbImage, options: InferenceOptions): Promise<Prediction> {
    return this.run(this.prepare(image, options), options);
  }

  /** The first half of `predict`: copies the image into the input memory, where it stays until the next call. */
  prepare(image: RgbImage, options: InferenceOptions): Letterbox {
    const { head, stride, dynamic } = this.#info;
    const mode: LetterboxMode =
      head === 'rtdetr' ? 'stretch' : dynamic && this.#fixedSize === null ? 'rectangle' : 'square';
    const side = this.#fixedSize ?? options.imageSize;
    // A fixed input size overrides the stride in `model.json`.
    const letterbox = planLetterbox(image.width, image.height, side, {
      mode,
      stride: this.#fixedSize === null ? stride : 1,
    });
    this.#input = this.#resampler.resample(image, letterbox);
    return letterbox;
  }

  /** The second half of `predict`. Blocks the thread while the model runs; with `flip`, the model runs twice. */
  async run(letterbox: Letterbox, options: InferenceOptions): Promise<Prediction> {
    const vector = options.embedding ? outputOf(this.#info, 'embedding') : undefined;
    const sides = options.localisation === true ? outputOf(this.#info, 'dfl') : undefined;
    const outputs = await this.#infer(letterbox, [vector, sides]);
    const distributions = sides === undefined ? undefined : outputs[sides];
    const decoded = this.#decode(outputs, letterbox, {
      ...options,
      ...(distributions === undefined
        ? {}
        : { sides: { data: floats(distributions, sides ?? ''), dims: distributions.dims } }),
    });
    // Copy: the runtime frees its memory, and sending a view to the parent would send the whole tensor.
    const embedding = vector === undefined ? {} : { embedding: floats(outputs[vector], vector).slice() };
    if (options.flip !== true) return { ...decoded, ...embedding };
    mirrorInput(this.#input, letterbox);
    const mirrored = await this.#infer(letterbox, []);
    const { detections } = this.#decode(mirrored, letterbox, { ...options, classScoresAbove: null, mirrored: true });
    return { ...decoded, ...embedding, flipped: detections };
  }

  #infer(
    { width, height }: Letterbox,
    further: readonly (string | undefined)[],
  ): Promise<InferenceSession.OnnxValueMapType> {
    const input = new this.#runtime.Tensor('float32', this.#input, [1, 3, height, width]);
    const wanted = [outputOf(this.#info, 'detections'), ...further].filter((name) => name !== undefined);
    return this.#session.run({ [this.#info.input.name]: input }, wanted);
  }

  #decode(
    outputs: InferenceSession.OnnxValueMapType,
    letterbox: Letterbox,
    options: Omit<DecodeOptions, 'letterbox' | 'classCount'>,
  ): Decoded {
    const boxes = outputOf(this.#info, 'detections') ?? '';
    const output = outputs[boxes];
    const { minConfidence, iouThreshold, maxDetections, classScoresAbove, mirrored = false, sides } = options;
    return decodeOutput(this.#info.head, floats(output, boxes), output?.dims ?? [], {
      letterbox,
      classCount: this.#info.names.length,
      minConfidence,
      iouThreshold,
      maxDetections,
      classScoresAbove,
      mirrored,
      ...(sides === undefined ? {} : { sides }),
    });
  }

  async dispose(): Promise<void> {
    await this.#session.release();
  }
}

/** Mirrors every row of the input, including the padding, left to right. */
function mirrorInput(input: Float32Array, { width, height }: Letterbox): void {
  for (let row = 0; row < 3 * height; row++) input.subarray(row * width, (row + 1) * width).reverse();
}

/** The name of an output. Doesn't import `modelInfo.ts`: its schema library would double the start time of a worker. */
function outputOf(info: ModelInfo, role: ModelOutput['role']): string | undefined {
  return info.outputs.find((output) => output.role === role)?.name;
}

function floats(tensor: Tensor | undefined, name: string): Float32Array {
  if (tensor?.data instanceof Float32Array) return tensor.data;
  throw new InferenceError('model-broken', `its output "${name}" holds no float32 values.`, exportAgain);
}

/**
 * Compares the graph with `model.json`.
 * @returns the side of the square input if the graph fixes it, otherwise null.
 */
function checkGraph(session: InferenceSession, info: ModelInfo): number | null {
  const input = session.inputMetadata.find(({ name }) => name === info.input.name);
  if (input === undefined || session.inputNames.length !== 1) {
    throw broken(`it has the inputs ${session.inputNames.join(', ')}, model.json names ${info.input.name}.`);
  }
  for (const { name } of info.outputs) {
    if (!session.outputNames.includes(name)) {
      throw broken(`it has the outputs ${session.outputNames.join(', ')}, model.json names ${name}.`);
    }
  }
  if (!input.isTensor || input.type !== 'float32' || input.shape.length !== 4) {
    throw broken('its input is no float32 tensor [batch, 3, height, width].');
  }
  const [batch, channels, height, width] = input.shape;
  if (channels !== 3) throw broken(`its input has ${channels} channels; images have 3.`);
  if (typeof batch === 'number' && batch !== 1) throw broken(`its batch is fixed to ${batch} images; 1 is needed.`);
  if (typeof height !== 'number' && typeof width !== 'number') return null;
  if (height === width && typeof height === 'number') return height;
  throw broken(`its input is fixed to ${width} × ${height} pixels; square or dynamic inputs are supported.`);
}

function broken(detail: string): InferenceError {
  return new InferenceError('model-broken', detail, exportAgain);
}
