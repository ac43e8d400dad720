import type { Store } from '../../workflow/ports/store.ts';

type Versioned = Pick<Store, 'dataVersion'>;

/** Notices that another window or process changed a database. */
export class ChangeWatch {
  #seen: { readonly store: Versioned; readonly version: number } | null = null;
  #looking = false;

  /**
   * Looks once; the first look tells from when on changes count. A database that was opened anew counts as changed: what
   * happened in between is not known.
   * @returns whether it changed since the last look; false while that one is still under way.
   */
  async look(store: Versioned): Promise<boolean> {
    if (this.#looking) return false;
    this.#looking = true;
    try {
      const seen = this.#seen;
      const version = await store.dataVersion();
      this.#seen = { store, version };
      return seen !== null && (seen.store !== store || seen.version !== version);
    } finally {
      this.#looking = false;
    }
  }
}
