import {
  Channel,
  type MessageContract,
  type Envelope,
  type Handlers,
} from '../../../extension/src/protocol/channel.ts';
import type { HostContext } from './hostContext.ts';
import { describeFailure } from './request.ts';

/**
 * A host inside the page, for tests. Like VS Code, it copies messages and delivers them later. `handlers` answer requests;
 * `channel` sends messages to the page.
 */
export class MemoryHost<FromWebview extends MessageContract, FromHost extends MessageContract> {
  readonly context: HostContext;
  readonly channel: Channel<FromWebview, FromHost>;
  readonly #listeners = new Set<(message: unknown) => void>();
  #saved: unknown;

  /** @param saved the state that the page stored before a reload. */
  constructor(handlers: Handlers<FromWebview>, saved?: unknown) {
    this.#saved = saved;
    this.channel = new Channel<FromWebview, FromHost>({
      post: (envelope) => this.#deliver(envelope),
      handlers,
      check: (_type, payload) => payload,
      describeError: describeFailure,
    });
    this.context = {
      post: (envelope) => {
        const copy = structuredClone(envelope);
        queueMicrotask(() => this.channel.receive(copy));
      },
      subscribe: (listener) => {
        this.#listeners.add(listener);
        return () => void this.#listeners.delete(listener);
      },
      getState: () => this.#saved,
      setState: (state) => {
        this.#saved = JSON.parse(JSON.stringify(state)) as unknown;
      },
    };
  }

  /** The state that the page stored. */
  get saved(): unknown {
    return this.#saved;
  }

  #deliver(envelope: Envelope): void {
    const copy = structuredClone(envelope);
    queueMicrotask(() => {
      for (const listener of this.#listeners) listener(copy);
    });
  }
}
