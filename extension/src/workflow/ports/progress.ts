/** What a use case tells while it works. `fraction` is 0…1, or absent where no end is known. */
export interface ProgressUpdate {
  readonly step: string;
  readonly message: string;
  readonly fraction?: number;
}

export type ReportProgress = (update: ProgressUpdate) => void;
