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

/** Returns a function that calls `action` once after a series of calls. */
export function debounce(action: () => void, milliseconds: number): (() => void) & Disposable {
  let timer: NodeJS.Timeout | undefined;
  const call = (): void => {
    clearTimeout(timer);
    timer = setTimeout(action, milliseconds);
  };
  return Object.assign(call, { dispose: () => clearTimeout(timer) });
}
