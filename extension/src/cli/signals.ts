const numbers = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;
type SignalName = keyof typeof numbers;

/** A terminal sends a signal to every process, and the starter forwards it too: within this time it is the same one. */
const sameMs = 50;
/** The exit code of a program whose output nobody reads. */
const brokenPipe = 128 + 13;

/** The request of the user or the system to stop the command. */
export interface StopRequest {
  readonly signal: AbortSignal;
  /** Stops at the next safe point, without a signal from outside. */
  now(): void;
  /** The exit code of a command that ended with `code`; that of a stopped command names the signal. */
  exitCode(code: number): number;
}

/** The first signal stops at the next safe point. A second one ends the process at once; no data is lost either way. */
export function stopOnSignals(note: (text: string) => void): StopRequest {
  const abort = new AbortController();
  let first: { readonly name: SignalName; readonly at: number } | null = null;
  const on = (name: SignalName): void => {
    const now = performance.now();
    if (first === null) {
      first = { name, at: now };
      note(name === 'SIGINT' ? 'Stopping… (press again to end at once)' : 'Stopping…');
      abort.abort();
    } else if (now - first.at > sameMs) {
      process.exit(128 + numbers[name]);
    }
  };
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => on(name));
  return {
    signal: abort.signal,
    now: () => abort.abort(),
    exitCode: (code) => (code !== 130 ? code : first === null ? brokenPipe : 128 + numbers[first.name]),
  };
}
