/** What a draft belongs to: a sample of a batch, or an image that a session reviews outside a batch. */
export interface DraftKey {
  readonly sessionId: number;
  readonly imageId: number;
  /** Null outside a batch. */
  readonly sampleId: number | null;
}

/** Unsaved edits of an image with their undo and redo, as the review page wrote them. Only the page reads the texts. */
export interface DraftRow {
  /** The saved verdict and labels that the edits started from. */
  readonly basis: string;
  readonly history: string;
  /** Whether the boxes differ from the saved ones; false if all edits are undone. */
  readonly edited: boolean;
}

export interface DraftStore {
  /** Replaces the draft. @throws StoreError `not-found` if the session, image or sample is gone. */
  put(key: DraftKey, draft: DraftRow): Promise<void>;
  get(key: DraftKey): Promise<DraftRow | null>;
  remove(key: DraftKey): Promise<void>;
  /** What has a draft in a session whose boxes differ from the saved ones. */
  edited(sessionId: number): Promise<DraftKey[]>;
}
