import type { Localiser } from '../text/localiser.ts';

/** A base model that the list offers by name. */
export interface KnownModel {
  readonly name: string;
  readonly detail: string;
  readonly group: 'published' | 'scratch';
}

/**
 * Models of Ultralytics by name: published weights, and architectures that train from scratch. The accuracy distinguishes the
 * families; it is that of Ultralytics' documentation, at 640 pixels on COCO val2017.
 */
export function knownModels(l10n: Localiser): readonly KnownModel[] {
  const published = (name: string, size: string, map: number): KnownModel => ({
    name,
    detail: `${size}; ${l10n.t('mAP50-95 {0} on COCO', map)}`,
    group: 'published',
  });
  const small = l10n.t('smallest and fastest');
  const medium = l10n.t('more accurate, about three times slower');
  const large = l10n.t('most accurate; needs a GPU');
  const scratch = l10n.t('trains from scratch: no download, but needs many more labels');
  return [
    published('yolov8n.pt', l10n.t('smallest and fastest; a good start'), 37.3),
    published('yolov8s.pt', medium, 44.9),
    published('yolov8m.pt', large, 50.2),
    published('yolo11n.pt', small, 39.5),
    published('yolo11s.pt', medium, 47),
    published('yolo26n.pt', small, 40.9),
    published('yolo26s.pt', medium, 48.6),
    { name: 'yolov8n.yaml', detail: scratch, group: 'scratch' },
    { name: 'yolo11n.yaml', detail: scratch, group: 'scratch' },
  ];
}

/** The workspace file with the name of published weights, if there is one: then no download is needed. */
export function localFile(name: string, weights: readonly string[]): string | undefined {
  return weights.find((path) => path.split(/[\\/]/).at(-1)?.toLowerCase() === name.toLowerCase());
}
