import type { ParseArgsOptionsConfig } from 'node:util';

/** Values as `parseArgs` gives them. */
export type Flags = Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>;

export interface Terminal {
  /** A result, on standard output. */
  print(text: string): void;
  /** Progress and warnings, on standard error. */
  note(text: string): void;
  /** Asks a question that is answered with yes or no; absent where nobody can answer. */
  readonly ask?: (question: string) => Promise<boolean>;
  readonly signal: AbortSignal;
}

export interface Command {
  readonly name: string;
  readonly usage: string;
  readonly summary: string;
  /** What `--help` says beyond that. */
  readonly details?: () => string;
  readonly options: ParseArgsOptionsConfig;
  run(flags: Flags, positionals: readonly string[], terminal: Terminal): Promise<number>;
}
