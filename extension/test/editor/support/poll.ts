/** Milliseconds to wait for something that the editor shows; generous, for a machine that does other work as well. */
export const appearLimit = 120_000;

/**
 * Asks until there is an answer.
 * @param limit milliseconds.
 * @throws Error naming what was waited for, with the last failure of asking.
 */
export async function poll<T>(what: string, limit: number, ask: () => Promise<T | undefined>, every = 100): Promise<T> {
  const end = Date.now() + limit;
  let cause: unknown;
  for (;;) {
    try {
      const answer = await ask();
      if (answer !== undefined) return answer;
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    if (Date.now() > end) throw new Error(`Waited ${limit / 1000} s in vain for ${what}.`, { cause });
    await new Promise((resolve) => setTimeout(resolve, every));
  }
}
