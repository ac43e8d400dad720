/** Progress of a use case. `fraction` is 0…1, or undefined if the end is unknown. */
export interface ProgressUpdate {
  readonly step: string;
  readonly message: string;
  readonly fraction?: number;
}

export type ReportProgress = (update: ProgressUpdate) => void;
