import type { RunOptions } from '../ports/ports.ts';

/**
 * Runs two parts of a task beside each other. Where one fails, the other is stopped and waited for, so that nothing goes on
 * behind the caller's back.
 * @throws what failed first.
 */
export async function allOrAbort<One, Other>(
  options: RunOptions,
  one: (options: RunOptions) => Promise<One>,
  other: (options: RunOptions) => Promise<Other>,
): Promise<[One, Other]> {
  const stop = new AbortController();
  const signal = options.signal === undefined ? stop.signal : AbortSignal.any([options.signal, stop.signal]);
  const run = async <Result>(part: (options: RunOptions) => Promise<Result>): Promise<Result> => {
    try {
      return await part({ ...options, signal });
    } catch (error) {
      stop.abort(error);
      throw error;
    }
  };
  const parts = [run(one), run(other)] as const;
  await Promise.allSettled(parts);
  stop.signal.throwIfAborted();
  return Promise.all(parts);
}
