import type { Aggregation } from '../../core/uncertainty/aggregation.ts';
import type { Detection, Head } from '../../core/detection/types.ts';

/** What a plug-in's thread is started with. */
export interface PluginThreadData {
  /** Of the plug-in's file. */
  readonly url: string;
  /** One 32-bit number: which image of the call it works on, so that one that hangs can be named. */
  readonly progress: SharedArrayBuffer;
}

/** One image as `MetricPlugin.compute` gets it. */
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

/** What the method `score` of the thread is called with. It answers a `Float64Array` in which NaN means "no value". */
export interface ScoreRequest {
  readonly images: readonly WireImage[];
  readonly context: WireContext;
}

/** What the thread answers once the file is loaded. */
export interface LoadedPlugin {
  readonly id: string;
  readonly title: string;
  readonly description: string;
}
