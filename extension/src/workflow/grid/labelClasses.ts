import { mapLimit } from '../../core/concurrency.ts';
import { boxesOf, parseLabelFile } from '../../core/dataset/labelFile.ts';
import { ImageLocator } from '../dataset/images.ts';
import { readLabel } from '../dataset/readLabel.ts';
import type { Ports } from '../ports/ports.ts';
import type { DatasetRow } from '../ports/store/datasets.ts';

/** Label files that are read at a time. */
const atOnce = 8;

/** The classes in the label files of images, read again only if a file has changed. */
export class LabelClasses {
  readonly #known = new Map<number, { readonly hash: string | null; readonly classes: ReadonlySet<number> }>();

  /** The classes of the labelled images among these. */
  async find(
    ports: Pick<Ports, 'store' | 'labels'>,
    { id: datasetId, classNames }: DatasetRow,
    imageIds: Float64Array,
  ): Promise<ReadonlyMap<number, ReadonlySet<number>>> {
    const wanted = new Set(imageIds);
    const rows = await ports.store.images.find({ datasetId, states: ['labelled'] });
    const images = rows.filter(({ id }) => wanted.has(id));
    const locator = await ImageLocator.of(ports, datasetId);
    const stale = images.filter(({ id, labelHash }) => this.#known.get(id)?.hash !== labelHash);
    await mapLimit(stale, atOnce, async (image) => {
      const { label } = await readLabel(ports.labels, locator.locate(image));
      const boxes = label === null ? [] : boxesOf(parseLabelFile(label.text, { classCount: classNames.length }));
      this.#known.set(image.id, { hash: image.labelHash, classes: new Set(boxes.map(({ classId }) => classId)) });
    });
    return new Map(images.map(({ id }) => [id, this.#known.get(id)?.classes ?? new Set()]));
  }
}
