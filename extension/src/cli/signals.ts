const numbers = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;
type SignalName = keyof typeof numbers;

/** Starters hand a signal on that a terminal sends to all as well: what comes within this time is the same one. */
const sameMs = 50;
/** What a shell tells of a program whose reader went away. */
const brokenPipe = 128 + 13;

/** How a person or the system asks the command to stop. */
export interface Stop {
  readonly signal: AbortSignal;
  /** Stops at the next safe point without a signal, since nobody reads the output. */
  now(): void;
  /** The exit code of a command that ended with `code`: one that was stopped tells by what. */
  exitCode(code: number): number;
}

/** The first signal stops at the next safe point; a second one ends at once, and nothing is lost either. */
export function stopOnSignals(note: (text: string) => void): Stop {
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
