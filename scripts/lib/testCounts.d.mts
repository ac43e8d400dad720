export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export interface VitestResult {
  readonly counts: Counts;
  readonly failedFiles: readonly { readonly name: string; readonly counts: Counts }[];
}

export function addCounts(a: Counts, b: Counts): Counts;
export function subtractCounts(a: Counts, b: Counts): Counts;
export function vitestResult(text: string): VitestResult;
export function pytestCounts(xml: string): Counts;
