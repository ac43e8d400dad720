import type * as z from 'zod';
import { AppError } from '../../core/errors.ts';
import type { Ports, RunOptions } from '../ports/ports.ts';

/**
 * What an operation does to the user's data: `read` changes nothing, `write` changes the database or label files,
 * `long` takes minutes, reports progress and can be cancelled, `dangerous` deletes something for good.
 */
export type Effect = 'read' | 'write' | 'long' | 'dangerous';

/**
 * A use case as every interface offers it. Input and output are plain JSON: ids, paths, numbers, texts. The command line
 * generates its flags, help and `--json` from it.
 */
export interface Operation<Input = Readonly<Record<string, unknown>>, Output = unknown, Needs = Ports> {
  /** Subject and verb, such as `session.create`. */
  readonly id: string;
  /** One sentence without its period. */
  readonly title: string;
  readonly effect: Effect;
  /** An object; each field has a description. A field of the format `path` is an absolute path. */
  readonly input: z.ZodType<Input>;
  readonly output: z.ZodType<Output>;
  run(needs: Needs, input: Input, options: RunOptions): Promise<Output>;
}

/** An operation whose types follow from its schemas. */
export function defineOperation<Input, Output, Needs = Ports>(
  operation: Operation<Input, Output, Needs>,
): Operation<Input, Output, Needs> {
  return operation;
}

/** The input of an operation is incomplete or names something that does not exist. */
export class UsageError extends AppError<'usage'> {
  constructor(message: string, hint = 'Add --help to see what a command takes.') {
    super('usage', message, hint);
  }
}
