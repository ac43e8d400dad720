import type { ParseArgsOptionsConfig } from 'node:util';

/** Values as `parseArgs` gives them. */
export type Flags = Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>;

export interface Terminal {
  /** A result, on standard output. */
  print(text: string): void;
  /** Progress and warnings, on standard error. */
  note(text: string): void;
  readonly signal: AbortSignal;
}

export interface Command {
  readonly name: string;
  readonly usage: string;
  readonly summary: string;
  readonly options: ParseArgsOptionsConfig;
  run(flags: Flags, positionals: readonly string[], terminal: Terminal): Promise<number>;
}
