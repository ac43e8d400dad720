import type { DatasetSource } from '../../../core/dataset/types.ts';
import type { ErrorReport } from '../../../core/errors.ts';
import type { DatasetListing, ImageProbe } from '../../../workflow/ports/datasetFiles.ts';
import type { ImageColumns } from '../listing/imageColumns.ts';

/** What the process that reads datasets is asked for: to probe an image, to write it as a PNG, or to list a dataset. */
export type ReaderRequest = { readonly path: string; readonly pngTo?: string } | { readonly source: DatasetSource };

/** To that process: several at once, each by an id. */
export type ToReader = readonly (ReaderRequest & { readonly id: number })[];

/** From it. A listing comes in parts, so that no message is long; `listed` is the last one. */
export type FromReader =
  /** All is loaded, the image decoder too. */
  | { readonly kind: 'ready' }
  /** `rss` is the memory that the process holds, in bytes. */
  | { readonly kind: 'probed'; readonly id: number; readonly probe: ImageProbe; readonly rss: number }
  | { readonly kind: 'written'; readonly id: number; readonly error: ErrorReport | null; readonly rss: number }
  | { readonly kind: 'images'; readonly id: number; readonly columns: ImageColumns }
  | { readonly kind: 'listed'; readonly id: number; readonly listing: Omit<DatasetListing, 'images'> }
  | { readonly kind: 'refused'; readonly id: number; readonly error: ErrorReport };
