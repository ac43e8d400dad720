import type { Cells } from './cellReader.ts';

interface ThumbnailTarget {
  readonly cells: () => Cells;
  /** Asks the host for thumbnails, instead of those that were asked for before. */
  readonly send: (imageIds: readonly number[]) => void;
  /** Receives all images after one has its thumbnail. */
  readonly onCells: (cells: Cells) => void;
}

/** Has the missing thumbnails of the visible images made. */
export class ThumbnailRequests {
  readonly #target: ThumbnailTarget;
  readonly #failed = new Set<number>();
  /** The images that were asked for last. */
  #asked = '';
  #visible: readonly [first: number, last: number] = [0, -1];

  constructor(target: ThumbnailTarget) {
    this.#target = target;
  }

  /** The visible places changed. */
  show(first: number, last: number): void {
    this.#visible = [first, last];
    this.request();
  }

  request(): void {
    const cells = this.#target.cells();
    const imageIds: number[] = [];
    for (let place = this.#visible[0]; place <= this.#visible[1]; place++) {
      const cell = cells.get(place);
      if (cell?.url === null && !this.#failed.has(cell.imageId)) imageIds.push(cell.imageId);
    }
    const asked = imageIds.join();
    if (imageIds.length === 0 || asked === this.#asked) return;
    this.#asked = asked;
    this.#target.send(imageIds);
  }

  /** @param url null if the thumbnail cannot be made. */
  arrived(imageId: number, url: string | null): void {
    if (url === null) this.#failed.add(imageId);
    const changed = new Map(this.#target.cells());
    for (const [place, cell] of changed) {
      if (cell?.imageId === imageId) changed.set(place, { ...cell, url });
    }
    this.#target.onCells(changed);
  }
}
