/** Milliseconds. */
interface WatchTimes {
  /** Between two questions. */
  readonly every: number;
  /** For an answer; a busy extension host takes seconds. */
  readonly patience: number;
}

const usual: WatchTimes = { every: 5000, patience: 10_000 };

/**
 * Looks from time to time whether the host still answers. VS Code keeps the page when it starts its extensions anew, but
 * the new ones know nothing of it: without a word it would wait for ever.
 * @param ping resolves when the host is there.
 * @param onChange told that the host is lost, and when it answers after all.
 * @returns a function that stops it.
 */
export function watchHost(
  ping: () => Promise<void>,
  onChange: (lost: boolean) => void,
  { every, patience }: WatchTimes = usual,
): () => void {
  let lost = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stopped = false;
  const become = (now: boolean): void => {
    if (lost === now || stopped) return;
    lost = now;
    onChange(now);
  };
  const look = async (): Promise<void> => {
    timer = setTimeout(() => become(true), patience);
    await ping();
    clearTimeout(timer);
    become(false);
    if (!stopped) timer = setTimeout(() => void look(), every);
  };
  timer = setTimeout(() => void look(), every);
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}
