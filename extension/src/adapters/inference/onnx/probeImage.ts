import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** 64 × 64 pixels in the grey of letterbox padding. */
const greyPng =
  'iVBORw0KGgoAAAANSUhEUgAAAEAAAABACAIAAAAlC+aJAAAACXBIWXMAAAPoAAAD6AG1e1JrAAAAS0lEQVRo3u3PMQ0AAAwDoGqu/6MSdi8BB6TP' +
  'RUBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEDgMmkWYTwSgePwAAAAAElFTkSuQmCC';

/** A readable image. It is square, so that a model gets its largest input. */
export class ProbeImage {
  #folder: Promise<string> | null = null;

  /** The path of the image; the first call writes it. @throws errors of writing. */
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
