import type { Store } from '../../workflow/ports/store.ts';

type Versioned = Pick<Store, 'dataVersion'>;

/** Detects that another window or process changed a database. */
export class DatabaseWatch {
  #last: { readonly store: Versioned; readonly version: number } | null = null;
  #polling = false;

  /**
   * Compares the database with the previous call; the first call sets the baseline. A reopened database counts as
   * changed, since changes in between cannot be detected.
   * @returns false if nothing changed or the previous call has not finished yet.
   */
  async hasChanged(store: Versioned): Promise<boolean> {
    if (this.#polling) return false;
    this.#polling = true;
    try {
      const last = this.#last;
      const version = await store.dataVersion();
      this.#last = { store, version };
      return last !== null && (last.store !== store || last.version !== version);
    } finally {
      this.#polling = false;
    }
  }
}
