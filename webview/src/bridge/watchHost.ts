/** Milliseconds. */
interface WatchTimes {
  /** Between two checks. */
  readonly interval: number;
  /** For an answer. A busy extension host needs seconds. */
  readonly timeout: number;
}

const defaultTimes: WatchTimes = { interval: 5000, timeout: 10_000 };

/**
 * Checks regularly that the host still answers. When VS Code restarts its extensions, it keeps the page, but the new
 * extension does not know the page and never answers.
 * @param ping resolves when the host answers.
 * @param onChange receives whether the host is lost.
 * @returns a function that stops the checks.
 */
export function watchHost(
  ping: () => Promise<void>,
  onChange: (lost: boolean) => void,
  { interval, timeout }: WatchTimes = defaultTimes,
): () => void {
  let lost = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stopped = false;
  const setLost = (now: boolean): void => {
    if (lost === now || stopped) return;
    lost = now;
    onChange(now);
  };
  const check = async (): Promise<void> => {
    timer = setTimeout(() => setLost(true), timeout);
    await ping();
    clearTimeout(timer);
    setLost(false);
    if (!stopped) timer = setTimeout(() => void check(), interval);
  };
  timer = setTimeout(() => void check(), interval);
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}
