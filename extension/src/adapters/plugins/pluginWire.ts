import type { Aggregation } from '../../core/uncertainty/aggregation.ts';
import type { Detection, Head } from '../../core/detection/types.ts';

/** The worker data of a plug-in's thread. */
export interface PluginThreadData {
  /** URL of the plug-in's file. */
  readonly url: string;
  /** One 32-bit number: the index of the current image in the call, so that an image that hangs can be reported. */
  readonly progress: SharedArrayBuffer;
}

/** One image for `MetricPlugin.compute`. */
export interface WireImage {
  readonly imageId: number;
  readonly path: string;
  readonly width: number | null;
  readonly height: number | null;
  readonly detections: readonly Detection[];
  readonly flipped?: readonly Detection[];
  readonly bestScore: number;
  readonly classCount: number;
  readonly head: Head;
}

export interface WireContext {
  readonly classNames: readonly string[];
  readonly threshold: number;
  readonly aggregation: Aggregation;
  readonly classDifficulty: readonly number[] | null;
}

/** The argument of the thread's method `score`. It returns a `Float64Array` in which NaN means "no value". */
export interface ScoreRequest {
  readonly images: readonly WireImage[];
  readonly context: WireContext;
}

/** The thread's first response, after it has loaded the file. */
export interface LoadedPlugin {
  readonly id: string;
  readonly title: string;
  readonly description: string;
}
