import type { DatasetSource } from '../../../core/dataset/types.ts';
import type { ErrorReport } from '../../../core/errors.ts';
import type { DatasetListing, ImageProbe } from '../../../workflow/ports/datasetFiles.ts';
import type { ImageColumns } from '../listing/imageColumns.ts';

/** A request to the reader process: probe an image, write it as a PNG, or list a dataset. */
export type ReaderRequest = { readonly path: string; readonly pngTo?: string } | { readonly source: DatasetSource };

/** Parent → reader: several requests with ids. */
export type ToReader = readonly (ReaderRequest & { readonly id: number })[];

/** Reader → parent. A listing is sent in parts, so that messages stay short; `listed` is the last one. */
export type FromReader =
  /** Everything is loaded, including the image decoder. */
  | { readonly kind: 'ready' }
  /** `rss` is the memory of the process in bytes. */
  | { readonly kind: 'probed'; readonly id: number; readonly probe: ImageProbe; readonly rss: number }
  | { readonly kind: 'written'; readonly id: number; readonly error: ErrorReport | null; readonly rss: number }
  | { readonly kind: 'images'; readonly id: number; readonly columns: ImageColumns }
  | { readonly kind: 'listed'; readonly id: number; readonly listing: Omit<DatasetListing, 'images'> }
  | { readonly kind: 'refused'; readonly id: number; readonly error: ErrorReport };
