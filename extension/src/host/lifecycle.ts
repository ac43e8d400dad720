/** Anything that holds a resource until it is disposed of. */
export interface Disposable {
  dispose(): unknown;
}

/** Owns disposables and disposes of them in reverse order, even if one fails. */
export class Disposables implements Disposable {
  readonly #items: Disposable[] = [];
  #disposed = false;

  /** Takes ownership; disposes of the item immediately if this is already disposed of. @returns its argument. */
  track<T extends Disposable>(item: T): T {
    if (this.#disposed) item.dispose();
    else this.#items.push(item);
    return item;
  }

  get isDisposed(): boolean {
    return this.#disposed;
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    const failures: unknown[] = [];
    for (const item of this.#items.splice(0).toReversed()) {
      try {
        item.dispose();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, 'Not everything could be disposed of.');
  }
}

/** Returns a function that calls `action` once after a series of calls. @param longest milliseconds after the first call. */
export function debounce(
  action: () => void,
  milliseconds: number,
  longest = Number.POSITIVE_INFINITY,
): (() => void) & Disposable {
  let timer: NodeJS.Timeout | undefined;
  let first: number | null = null;
  const act = (): void => {
    first = null;
    action();
  };
  const call = (): void => {
    clearTimeout(timer);
    first ??= performance.now();
    timer = setTimeout(act, Math.max(0, Math.min(milliseconds, first + longest - performance.now())));
  };
  return Object.assign(call, { dispose: () => clearTimeout(timer) });
}
