/** To the process that makes thumbnails. */
export type ToThumbnailWorker =
  | { readonly kind: 'make'; readonly source: string; readonly target: string }
  | { readonly kind: 'trim'; readonly folder: string; readonly mostBytes: number };

/** The answer to each message, in order; the reason if it failed. */
export interface FromThumbnailWorker {
  readonly error: string | null;
}
