import type { ParseArgsOptionsConfig } from 'node:util';

/** Values as `parseArgs` returns them. */
export type Flags = Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>;

export interface Terminal {
  /** A result, on standard output. */
  print(text: string): void;
  /** Progress and warnings, on standard error. */
  note(text: string): void;
  /** Asks a yes-or-no question; absent if nobody can answer. */
  readonly ask?: (question: string) => Promise<boolean>;
  readonly signal: AbortSignal;
}

/** A command as `main` runs it and docs/cli.md lists it. */
export interface Command {
  readonly name: string;
  readonly summary: string;
  /** The operation behind the command, by its id. */
  readonly operation: string;
  readonly usage: () => string;
  /** What `--help` prints. */
  readonly help: () => string;
  readonly flags: () => readonly FlagHelp[];
  /** JSON Schema of what `--json` prints. */
  readonly output: () => JsonSchema;
  readonly options: () => ParseArgsOptionsConfig;
  /** @returns the exit code. */
  run(flags: Flags, positionals: readonly string[], terminal: Terminal): Promise<number>;
}

/** A flag in the help and in the documentation. */
export interface FlagHelp {
  /** Such as `--data <path>`. */
  readonly flag: string;
  readonly help: string;
}

/** The part of a JSON Schema that the command line uses. */
export interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly description?: string;
  readonly minimum?: number;
  readonly enum?: readonly string[];
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: JsonSchema | boolean;
}
