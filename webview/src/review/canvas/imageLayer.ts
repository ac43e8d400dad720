import type { Size } from '../model/geometry.ts';
import type { PanelState } from '../model/state.ts';
import { pixelatedFrom, type Viewport } from '../model/viewport.ts';
import { ImageCache } from './imageCache.ts';

/** The open image and the next three are loaded, whatever their size. */
const leastAhead = 4;
/** Eight images of 12 megapixels, which take 400 MB once decoded. */
const mostPixelsAhead = 100_000_000;

/** The image below the boxes, and those that may come next. */
export class ImageLayer {
  readonly #stage: HTMLElement;
  readonly #onImage: (image: 'ready' | 'failed') => void;
  readonly #cache = new ImageCache();
  #url: string | null = null;

  /** @param stage contains the image. @param onImage is called once the open image can be shown, or cannot. */
  constructor(stage: HTMLElement, onImage: (image: 'ready' | 'failed') => void) {
    this.#stage = stage;
    this.#onImage = onImage;
  }

  /** Shows the open image, and loads those that may come next. */
  show(state: PanelState): void {
    this.loadAhead(state);
    const url = state.host?.current?.imageUrl ?? null;
    if (url === this.#url) return;
    this.#url = url;
    if (url === null) return this.clear();
    const { element, ready } = this.#cache.get(url);
    this.#stage.replaceChildren(element);
    const tell = (image: 'ready' | 'failed'): void => {
      if (url === this.#url) this.#onImage(image);
    };
    ready.then(
      () => tell('ready'),
      () => tell('failed'),
    );
  }

  /** Loads the images that may come next, as far as they fit into memory. */
  loadAhead({ host, ahead }: PanelState): void {
    let pixels = 0;
    const wanted = [...(host?.current == null ? [] : [host.current]), ...ahead].filter(({ width, height }, place) => {
      pixels += width * height;
      return place < leastAhead || pixels < mostPixelsAhead;
    });
    this.#cache.keepOnly(wanted.map(({ imageUrl }) => imageUrl));
  }

  place({ width, height }: Size, { scale, x, y }: Viewport): void {
    const image = this.#stage.firstElementChild;
    if (!(image instanceof HTMLElement)) return;
    image.style.width = `${width}px`;
    image.style.height = `${height}px`;
    image.style.transform = `translate(${x}px, ${y}px) scale(${scale})`;
    image.classList.toggle('pixelated', scale >= pixelatedFrom);
  }

  /** @param filter of CSS. */
  setFilter(filter: string): void {
    this.#stage.style.filter = filter;
  }

  /** Drops the open image, so that the next `show` loads it again. */
  forget(): void {
    if (this.#url !== null) this.#cache.forget(this.#url);
    this.#url = null;
  }

  clear(): void {
    this.#stage.replaceChildren();
  }
}
