import type { Envelope } from '../../../extension/src/protocol/channel.ts';

/** What a page needs from whoever shows it: VS Code, a test, or a static page. */
export interface HostContext {
  /** Sends an envelope to the host. */
  post(envelope: Envelope): void;
  /** Calls the listener with every message of the host. @returns a function that stops it. */
  subscribe(listener: (message: unknown) => void): () => void;
  /** What `setState` was given last, also before a reload; undefined the first time. Not validated. */
  getState(): unknown;
  /** Keeps a JSON value across reloads of this page. */
  setState(state: unknown): void;
}
