/** Decodes the current and upcoming images in advance, so that the next one appears at once. */
export class ImageCache {
  readonly #images = new Map<string, { readonly element: HTMLImageElement; readonly ready: Promise<void> }>();

  /** The element, and a promise that rejects if the image cannot be shown. */
  get(url: string): { readonly element: HTMLImageElement; readonly ready: Promise<void> } {
    const known = this.#images.get(url);
    if (known) return known;
    const element = new Image();
    element.decoding = 'async';
    element.alt = '';
    element.draggable = false;
    element.src = url;
    const entry = { element, ready: element.decode() };
    // Ignore the failure here: the canvas gets it from the same promise when it shows the image.
    entry.ready.catch(() => undefined);
    this.#images.set(url, entry);
    return entry;
  }

  /** Loads these images in advance, and drops all others. */
  keepOnly(urls: readonly string[]): void {
    const wanted = new Set(urls);
    for (const url of this.#images.keys()) if (!wanted.has(url)) this.#images.delete(url);
    for (const url of urls) this.get(url);
  }

  /** Drops an image, so that the next `get` loads it again. */
  forget(url: string): void {
    this.#images.delete(url);
  }
}
