import type { SpawnOptions } from 'node:child_process';

export interface StepLog {
  readonly path: string;
  text(): string;
  run(command: string, args: readonly string[], options?: SpawnOptions): Promise<number>;
  ending(): string;
}

export function beginLog(name: string): StepLog;
