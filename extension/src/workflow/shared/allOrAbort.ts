import type { Task } from '../ports/ports.ts';

/**
 * Runs two parts of a task beside each other. Where one fails, the other is stopped and waited for, so that nothing goes on
 * behind the caller's back.
 * @throws what failed first.
 */
export async function together<One, Other>(
  task: Task,
  one: (task: Task) => Promise<One>,
  other: (task: Task) => Promise<Other>,
): Promise<[One, Other]> {
  const stop = new AbortController();
  const signal = task.signal === undefined ? stop.signal : AbortSignal.any([task.signal, stop.signal]);
  const run = async <Result>(part: (task: Task) => Promise<Result>): Promise<Result> => {
    try {
      return await part({ ...task, signal });
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
