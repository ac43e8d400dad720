import type { GridCellView } from '../../../../extension/src/protocol/grid.ts';

/** At most as many as the host answers at once. */
const mostAtOnce = 200;
/** Images that are kept. More are not, so that a page that was scrolled through stays small. */
const mostKept = 3000;

export type Cells = ReadonlyMap<number, GridCellView | null>;

export interface CellSource {
  readonly cells: () => Cells;
  /** Reads images from a place on. */
  readonly read: (first: number, count: number) => Promise<readonly (GridCellView | null)[]>;
  /** Receives all images after some were read. */
  readonly onCells: (cells: Cells) => void;
  readonly onFailure: (error: unknown) => void;
}

/**
 * Reads the visible images, one request at a time: what was scrolled past before its request could be sent is never asked
 * for.
 */
export class CellReader {
  readonly #source: CellSource;
  #visible: readonly [first: number, last: number] = [0, -1];
  /** Places that were read before the last change of the images. */
  #stale: ReadonlySet<number> = new Set();
  /** Counts listings: what an earlier one answers is void. */
  #listing = 0;
  #reading = false;

  constructor(source: CellSource) {
    this.#source = source;
  }

  /** Another listing: what was read belongs to other places now. */
  reset(): void {
    this.#listing += 1;
    this.#visible = [0, -1];
    this.#stale = new Set();
    this.#source.onCells(new Map());
  }

  /** The images may have changed: they stay until they are read again. */
  refresh(): void {
    this.#stale = new Set(this.#source.cells().keys());
    void this.#pump();
  }

  /** @param last the last visible place; -1 if there is none. */
  show(first: number, last: number): void {
    this.#visible = [first, last];
    void this.#pump();
  }

  /** Asks again after a failure. */
  retry(): void {
    void this.#pump();
  }

  async #pump(): Promise<void> {
    if (this.#reading) return;
    this.#reading = true;
    for (let range = this.#missing(); range !== null; range = this.#missing()) {
      const listing = this.#listing;
      const [first, count] = range;
      try {
        const read = await this.#source.read(first, count);
        if (listing === this.#listing) this.#keep(first, count, read);
      } catch (error) {
        if (listing !== this.#listing) continue;
        this.#source.onFailure(error);
        break;
      }
    }
    this.#reading = false;
  }

  /** The next visible places to read, from the first to the last missing one. */
  #missing(): readonly [first: number, count: number] | null {
    const cells = this.#source.cells();
    let [first, last] = this.#visible;
    const isKnown = (place: number): boolean => cells.has(place) && !this.#stale.has(place);
    while (first <= last && isKnown(first)) first += 1;
    while (last >= first && isKnown(last)) last -= 1;
    return first > last ? null : [first, Math.min(mostAtOnce, last - first + 1)];
  }

  /** Places without an answer are null, so that nobody asks for them again and again. */
  #keep(first: number, count: number, read: readonly (GridCellView | null)[]): void {
    const cells = new Map(this.#source.cells());
    const stale = new Set(this.#stale);
    for (let at = 0; at < count; at++) {
      cells.set(first + at, read[at] ?? null);
      stale.delete(first + at);
    }
    this.#stale = stale;
    const [from, to] = this.#visible;
    const beyond = Math.max(0, cells.size - mostKept);
    if (beyond > 0) {
      const middle = (from + to) / 2;
      const farthest = [...cells.keys()].toSorted((a, b) => Math.abs(b - middle) - Math.abs(a - middle));
      for (const place of farthest.slice(0, beyond)) cells.delete(place);
    }
    this.#source.onCells(cells);
  }
}
