/** Messages and view models of the metrics panel. */

export interface IterationMetrics {
  readonly iterationNumber: number;
  readonly status: string;
  readonly labelledImages: number | null;
  readonly labelledBoxes: number | null;
  readonly map50: number | null;
  readonly map5095: number | null;
  readonly precision: number | null;
  readonly recall: number | null;
  readonly validationImages: number | null;
  /** Classes with at least one validation box, of `classCount`. */
  readonly classesWithTruth: number | null;
  readonly classCount: number;
  readonly reviewSeconds: number | null;
  readonly isBest: boolean;
}

export interface MetricSeries {
  /** `train/box_loss`, `trainer/map50`, … */
  readonly name: string;
  readonly points: readonly { readonly epoch: number; readonly value: number }[];
}

export interface RunView {
  readonly runId: string;
  readonly iterationNumber: number;
  readonly state: 'prepared' | 'running' | 'finished' | 'failed' | 'cancelled';
  readonly epoch: number;
  readonly epochs: number;
  readonly series: readonly MetricSeries[];
}

/** The complete state of the panel, sent after every change. */
export interface MetricsState {
  readonly sessionId: number;
  readonly sessionName: string;
  readonly iterations: readonly IterationMetrics[];
  /** Newest last. */
  readonly runs: readonly { readonly runId: string; readonly iterationNumber: number }[];
  /** The run whose curves are displayed. */
  readonly run: RunView | null;
}

export type MetricsFromHost = {
  readonly events: { readonly 'metrics/state': MetricsState };
  readonly requests: Record<string, never>;
};

export type MetricsFromWebview = {
  readonly events: Record<string, never>;
  readonly requests: {
    readonly 'metrics/ready': {
      readonly payload: null;
      readonly reply: { readonly strings: Readonly<Record<string, string>>; readonly state: MetricsState };
    };
    readonly 'metrics/open-run': { readonly payload: { readonly runId: string }; readonly reply: MetricsState };
    readonly 'metrics/export-model': { readonly payload: null; readonly reply: null };
  };
};
