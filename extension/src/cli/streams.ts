import type { Writable } from 'node:stream';

/** Error codes of a closed pipe or terminal. */
const gone: ReadonlySet<unknown> = new Set(['EPIPE', 'EIO', 'ECONNRESET', 'ERR_STREAM_DESTROYED']);

/**
 * Writes lines until the stream fails, and nothing afterwards.
 * @param onEnd called once: with `null` if the reader closed the stream, otherwise with the error.
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
