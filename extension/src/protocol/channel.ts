/**
 * The transport between the host and a webview, the same on both sides. Events are complete states instead of changes,
 * because VS Code drops messages to a hidden webview. A request always gets a reply, even if it fails.
 */

/** A failure as the other side displays it. */
export interface ProtocolError {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

export type Envelope =
  | { readonly kind: 'event'; readonly type: string; readonly payload: unknown }
  | { readonly kind: 'request'; readonly id: number; readonly type: string; readonly payload: unknown }
  | { readonly kind: 'reply'; readonly id: number; readonly ok: true; readonly payload: unknown }
  | { readonly kind: 'reply'; readonly id: number; readonly ok: false; readonly error: ProtocolError };

/** What one side may send: events by type, and requests with their replies. */
export interface MessageContract {
  readonly events: Record<string, unknown>;
  readonly requests: Record<string, { readonly payload: unknown; readonly reply: unknown }>;
}

/** Both sides answer it automatically; a side that does not is gone. */
const pingType = 'channel/ping';

/** The error of a failed request, on the requesting side. */
export class RequestFailed extends Error {
  readonly code: string;
  readonly hint: string;

  constructor(error: ProtocolError) {
    super(error.message);
    this.name = 'RequestFailed';
    this.code = error.code;
    this.hint = error.hint;
  }
}

export interface Handlers<Incoming extends MessageContract> {
  readonly events: { readonly [T in keyof Incoming['events']]: (payload: Incoming['events'][T]) => void };
  readonly requests: {
    readonly [T in keyof Incoming['requests']]: (
      payload: Incoming['requests'][T]['payload'],
    ) => Promise<Incoming['requests'][T]['reply']>;
  };
}

export interface ChannelOptions<Incoming extends MessageContract> {
  /** Sends an envelope to the other side. */
  readonly post: (envelope: Envelope) => void;
  readonly handlers: Handlers<Incoming>;
  /**
   * Validates an incoming payload by message type, or throws. The host validates strictly because messages of a webview
   * are untrusted. A type without a check is refused.
   */
  readonly check: (type: string, payload: unknown) => unknown;
  readonly describeError: (error: unknown) => ProtocolError;
}

/** One side of the transport. `Incoming` is what the other side may send, `Outgoing` what this side may. */
export class Channel<Incoming extends MessageContract, Outgoing extends MessageContract> {
  readonly #options: ChannelOptions<Incoming>;
  readonly #waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  #nextId = 1;

  constructor(options: ChannelOptions<Incoming>) {
    this.#options = options;
  }

  /** Resolves once the other side responds. Never rejects; stays pending if it never does. */
  async ping(): Promise<void> {
    await this.#ask(pingType, null).catch(() => undefined);
  }

  send<T extends keyof Outgoing['events'] & string>(type: T, payload: Outgoing['events'][T]): void {
    this.#options.post({ kind: 'event', type, payload });
  }

  /** @throws RequestFailed if the request failed on the other side. */
  request<T extends keyof Outgoing['requests'] & string>(
    type: T,
    payload: Outgoing['requests'][T]['payload'],
  ): Promise<Outgoing['requests'][T]['reply']> {
    return this.#ask(type, payload) as Promise<Outgoing['requests'][T]['reply']>;
  }

  /** Takes a message from the other side. Ignores anything that is not an envelope. */
  receive(message: unknown): void {
    if (!isEnvelope(message)) return;
    if (message.kind === 'reply') {
      const waiting = this.#waiting.get(message.id);
      this.#waiting.delete(message.id);
      if (message.ok) waiting?.resolve(message.payload);
      else waiting?.reject(new RequestFailed(message.error));
      return;
    }
    if (message.kind === 'event') {
      const handler = own(this.#options.handlers.events, message.type);
      if (handler) handler(this.#options.check(message.type, message.payload));
      return;
    }
    void this.#answer(message.id, message.type, message.payload);
  }

  /** Rejects every open request after the other side is gone. */
  close(error: ProtocolError): void {
    for (const { reject } of this.#waiting.values()) reject(new RequestFailed(error));
    this.#waiting.clear();
  }

  #ask(type: string, payload: unknown): Promise<unknown> {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#options.post({ kind: 'request', id, type, payload });
    });
  }

  async #answer(id: number, type: string, payload: unknown): Promise<void> {
    if (type === pingType) return this.#options.post({ kind: 'reply', id, ok: true, payload: null });
    try {
      const handler = own(this.#options.handlers.requests, type);
      if (!handler)
        throw new RequestFailed({
          code: 'unknown-message',
          message: `Unknown message ${type}.`,
          hint: 'Reload the window.',
        });
      const reply = await handler(this.#options.check(type, payload));
      this.#options.post({ kind: 'reply', id, ok: true, payload: reply });
    } catch (error) {
      this.#options.post({ kind: 'reply', id, ok: false, error: this.#options.describeError(error) });
    }
  }
}

type AnyHandler = (payload: unknown) => unknown;

function own(handlers: object, type: string): AnyHandler | undefined {
  return Object.hasOwn(handlers, type) ? (handlers as Record<string, AnyHandler>)[type] : undefined;
}

function isEnvelope(message: unknown): message is Envelope {
  if (typeof message !== 'object' || message === null || !('kind' in message)) return false;
  if (message.kind === 'event') return 'type' in message && typeof message.type === 'string';
  if (message.kind === 'request')
    return 'type' in message && typeof message.type === 'string' && 'id' in message && typeof message.id === 'number';
  return message.kind === 'reply' && 'id' in message && typeof message.id === 'number' && 'ok' in message;
}
