import type { Envelope } from '../../../extension/src/protocol/channel.ts';

/** What a page needs from its host: VS Code or a test. */
export interface HostContext {
  /** Sends an envelope to the host. */
  post(envelope: Envelope): void;
  /** Calls the listener with every message of the host. @returns a function that removes the listener. */
  subscribe(listener: (message: unknown) => void): () => void;
  /** The last value of `setState`, even before a reload; undefined if there is none. Not validated. */
  getState(): unknown;
  /** Stores a JSON value across reloads of this page. */
  setState(state: unknown): void;
}
