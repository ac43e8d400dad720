import type { Writable } from 'node:stream';

/** What a reader that went away looks like: a closed pipe, a terminal that is gone. */
const gone: ReadonlySet<unknown> = new Set(['EPIPE', 'EIO', 'ECONNRESET', 'ERR_STREAM_DESTROYED']);

/**
 * Writes lines until nobody reads them any more, and is silent from then on.
 * @param onEnd called once, with `null` when the reader went away, otherwise with why nothing can be written.
 */
export function lineWriter(stream: Writable, onEnd: (error: Error | null) => void): (text: string) => void {
  let open = true;
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (!open) return;
    open = false;
    onEnd(gone.has(error.code) ? null : error);
  });
  return (text) => {
    if (open) stream.write(`${text}\n`);
  };
}
