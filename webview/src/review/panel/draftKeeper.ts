import type { DraftView, SampleView } from '../../../../extension/src/protocol/review.ts';
import { toDraftView } from '../model/draftText.ts';
import type { ReviewStore } from '../model/reducer.ts';
import { type Draft, openSample } from '../model/state.ts';

/** Sends the edits of the open sample to the host after each edit, with their undo and redo. */
export class DraftKeeper {
  readonly #store: ReviewStore;
  readonly #send: (sampleId: number, draft: DraftView | null) => Promise<void>;
  /** The draft that was compared last. */
  #seen: Draft | null = null;
  #sample: SampleView | null = null;
  /** What the host holds, or will hold after the messages on their way. */
  #text: string | null = null;

  /** @param send must keep the order of calls. */
  constructor(store: ReviewStore, send: (sampleId: number, draft: DraftView | null) => Promise<void>) {
    this.#store = store;
    this.#send = send;
  }

  /** Call after each change of the store. */
  update(): void {
    const open = openSample(this.#store.getState());
    if (open === null || (open.draft === this.#seen && open.sample === this.#sample)) return;
    if (open.sample !== this.#sample) {
      const stored = open.sample.draft?.history ?? null;
      // What another window stored for the same sample is not answered: the windows would go on for ever.
      if (open.sample.sampleId !== this.#sample?.sampleId || stored === null) this.#text = stored;
    }
    this.#seen = open.draft;
    this.#sample = open.sample;
    this.send();
  }

  /** Sends the edits unless the host has them. @param again even then. */
  send(again = false): void {
    const open = openSample(this.#store.getState());
    if (open === null || !open.host.editable) return;
    const draft = toDraftView(open);
    const text = draft?.history ?? null;
    if (text === this.#text && !again) return;
    this.#text = text;
    void this.#send(open.sample.sampleId, draft);
  }
}
