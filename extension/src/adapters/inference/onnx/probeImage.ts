import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** 64 × 64 pixels of the grey that a letterbox is padded with. */
const greyPng =
  'iVBORw0KGgoAAAANSUhEUgAAAEAAAABACAIAAAAlC+aJAAAACXBIWXMAAAPoAAAD6AG1e1JrAAAAS0lEQVRo3u3PMQ0AAAwDoGqu/6MSdi8BB6TP' +
  'RUBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEDgMmkWYTwSgePwAAAAAElFTkSuQmCC';

/** An image that certainly can be read. It is square, so that a model gets the largest input that there is. */
export class ProbeImage {
  #folder: Promise<string> | null = null;

  /** Its path; written at the first call. @throws what writing it throws. */
  async path(): Promise<string> {
    this.#folder ??= mkdtemp(join(tmpdir(), 'al-probe-'));
    const path = join(await this.#folder, 'grey.png');
    await writeFile(path, Buffer.from(greyPng, 'base64'));
    return path;
  }

  async remove(): Promise<void> {
    if (this.#folder === null) return;
    await rm(await this.#folder.catch(() => ''), { recursive: true, force: true }).catch(() => undefined);
  }
}
