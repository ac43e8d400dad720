import type { ErrorReport } from '../../core/errors.ts';
import type { ImageEvidence, ScoreOptions } from '../../core/uncertainty/uncertaintyScore.ts';

/** An image as a plug-in receives it. */
export interface PluginImage {
  readonly imageId: number;
  /** POSIX, relative to its folder of the dataset. */
  readonly path: string;
  /** Pixels after EXIF orientation; `null` if unknown. */
  readonly width: number | null;
  readonly height: number | null;
  readonly evidence: ImageEvidence;
}

/** Facts that are the same for all images of a run. */
export interface PluginContext {
  readonly options: ScoreOptions;
  readonly classNames: readonly string[];
}

/** An uncertainty score that a user wrote. */
export interface PluginScore {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  /** Absolute path of its file. */
  readonly file: string;
  /** Changes when the file does. */
  readonly digest: string;
}

/** A plug-in that is switched off until the next run: the problem, its place and what to do. */
export interface PluginFault {
  /** Id of its score, if it was read before the failure. */
  readonly id: string | null;
  readonly file: string;
  readonly error: ErrorReport;
}

/** The plug-ins of one run. */
export interface PluginRun {
  /** The scores of the working plug-ins, without those that failed during scoring. */
  readonly scores: readonly PluginScore[];
  /** In the order of the files. */
  readonly faults: readonly PluginFault[];
  /**
   * Scores of images by score id, in the order of the images; `null` if the plug-in has no value for an image.
   * Never throws because of a plug-in: one that times out or returns invalid values is switched off and left out.
   * @param signal stops the threads at once; unfinished plug-ins are left out without a fault.
   */
  score(
    images: readonly PluginImage[],
    context: PluginContext,
    signal?: AbortSignal,
  ): Promise<ReadonlyMap<string, readonly (number | null)[]>>;
  /** Stops their threads. */
  close(): Promise<void>;
}

/** The user's scores, from files that each run reads again. */
export interface ScorePlugins {
  open(): Promise<PluginRun>;
}
