import type { Localiser } from '../text/localiser.ts';

/** A base model that the list offers by name. */
export interface KnownModel {
  readonly name: string;
  readonly detail: string;
  readonly group: 'published' | 'scratch';
}

/** Models of Ultralytics by name: published weights, and architectures that train from scratch. */
export function knownModels(l10n: Localiser): readonly KnownModel[] {
  const small = l10n.t('smallest and fastest; a good start');
  const medium = l10n.t('more accurate, about three times slower');
  const large = l10n.t('most accurate; needs a GPU');
  const scratch = l10n.t('trains from scratch: no download, but needs many more labels');
  return [
    { name: 'yolov8n.pt', detail: small, group: 'published' },
    { name: 'yolov8s.pt', detail: medium, group: 'published' },
    { name: 'yolov8m.pt', detail: large, group: 'published' },
    { name: 'yolo11n.pt', detail: small, group: 'published' },
    { name: 'yolo11s.pt', detail: medium, group: 'published' },
    { name: 'yolo26n.pt', detail: small, group: 'published' },
    { name: 'yolo26s.pt', detail: medium, group: 'published' },
    { name: 'yolov8n.yaml', detail: scratch, group: 'scratch' },
    { name: 'yolo11n.yaml', detail: scratch, group: 'scratch' },
  ];
}

/** The workspace file with the name of published weights, if there is one: then no download is needed. */
export function localFile(name: string, weights: readonly string[]): string | undefined {
  return weights.find((path) => path.split(/[\\/]/).at(-1)?.toLowerCase() === name.toLowerCase());
}
