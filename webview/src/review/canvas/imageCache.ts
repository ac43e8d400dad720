/** Images that are shown or soon will be, decoded ahead, so that the next one is there at once. */
export class ImageCache {
  readonly #images = new Map<string, { readonly element: HTMLImageElement; readonly ready: Promise<void> }>();

  /** The element for the page and a promise that fails where the image cannot be shown. */
  get(url: string): { readonly element: HTMLImageElement; readonly ready: Promise<void> } {
    const known = this.#images.get(url);
    if (known) return known;
    const element = new Image();
    element.decoding = 'async';
    element.alt = '';
    element.draggable = false;
    element.src = url;
    const entry = { element, ready: element.decode() };
    // Loading ahead may fail unseen; whoever shows the image gets the failure from the same promise.
    entry.ready.catch(() => undefined);
    this.#images.set(url, entry);
    return entry;
  }

  /** Loads these ahead and lets all others go. */
  keepOnly(urls: readonly string[]): void {
    const wanted = new Set(urls);
    for (const url of this.#images.keys()) if (!wanted.has(url)) this.#images.delete(url);
    for (const url of urls) this.get(url);
  }

  /** Forgets an image, so that the next `get` loads it anew. */
  forget(url: string): void {
    this.#images.delete(url);
  }
}
