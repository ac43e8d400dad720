import type { ErrorReport } from '../../core/errors.ts';
import type { ImageEvidence, MetricOptions } from '../../core/uncertainty/metric.ts';

/** One image as a plug-in gets it. */
export interface PluginImage {
  readonly imageId: number;
  /** POSIX, relative to its folder of the dataset. */
  readonly path: string;
  /** Pixels, EXIF orientation applied; `null` where not known. */
  readonly width: number | null;
  readonly height: number | null;
  readonly evidence: ImageEvidence;
}

/** What is the same for all images of a run. */
export interface PluginContext {
  readonly options: MetricOptions;
  readonly classNames: readonly string[];
}

/** A metric that a user wrote. */
export interface PluginMetric {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  /** Its file, absolute. */
  readonly file: string;
  /** Changes when the file does. */
  readonly digest: string;
}

/** A plug-in that is switched off until the next run, with what was wrong, where and what to do. */
export interface PluginFault {
  /** Its metric, where it got as far as to name one. */
  readonly id: string | null;
  readonly file: string;
  readonly error: ErrorReport;
}

/** The plug-ins of one run. */
export interface PluginRun {
  /** Those that work; one that fails while it scores is no longer among them. */
  readonly metrics: readonly PluginMetric[];
  /** In the order in which they were found. */
  readonly faults: readonly PluginFault[];
  /**
   * Scores of images by metric id, in the order of the images; `null` where the plug-in has no value for an image.
   * Never throws for a plug-in: one that does not answer in time or answers wrongly is switched off and is no key.
   * @param signal ends the threads at once; whatever has not answered then is no key, and no fault.
   */
  score(
    images: readonly PluginImage[],
    context: PluginContext,
    signal?: AbortSignal,
  ): Promise<ReadonlyMap<string, readonly (number | null)[]>>;
  /** Ends their threads. */
  close(): Promise<void>;
}

/** Metrics of a user's own, from files; each run reads what the files say then. */
export interface MetricPlugins {
  open(): Promise<PluginRun>;
}
