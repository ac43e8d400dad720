import type { Figures } from './figures.ts';

export interface CrashOptions {
  readonly rounds: number;
  readonly seed: number;
  readonly only?: readonly string[];
  readonly report?: (line: string) => void;
}

export interface CrashFigures extends Figures {
  readonly scenarios: Readonly<Record<string, Figures>>;
  /** Scenarios that could not be done here, with the reason. */
  readonly skipped: Readonly<Record<string, string>>;
  readonly faults: readonly string[];
}

export function crash(options: CrashOptions): Promise<CrashFigures>;
export function bench(args: string[]): Promise<unknown>;
