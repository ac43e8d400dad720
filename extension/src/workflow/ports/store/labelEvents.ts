import type { ImageState } from '../../../core/dataset/types.ts';
import type { Verdict } from '../../../core/session/types.ts';
import type { Lease } from './leases.ts';

/** `verdict`: of a sample; `edit`: a person judged an image that is no sample of a batch. */
export type LabelEventCause = 'verdict' | 'edit' | 'undo' | 'outside' | 'import' | 'oracle';

export type LabelEventState = 'pending' | 'done' | 'abandoned' | 'conflict';

/**
 * One journaled change of one label file. `before` and `after` are the bytes of the whole file; `null` means no file.
 */
export interface LabelEventRow {
  readonly id: number;
  readonly imageId: number;
  readonly sampleId: number | null;
  readonly cause: LabelEventCause;
  readonly before: Uint8Array | null;
  readonly after: Uint8Array | null;
  /** The sample's verdict and the image's state before and after, so that an undo restores both. */
  readonly verdictBefore: Verdict | null;
  readonly verdictAfter: Verdict | null;
  readonly stateBefore: ImageState;
  readonly stateAfter: ImageState;
  readonly state: LabelEventState;
  readonly owner: Lease;
  readonly createdAt: string;
  /** The event that this one undoes. A verdict or edit that undoes an undo gives the verdict again. */
  readonly undoes: number | null;
  /** The same for changes that were made together, and are undone together; null for a single change. */
  readonly group: string | null;
}

export type NewLabelEvent = Omit<LabelEventRow, 'id' | 'state' | 'createdAt' | 'group'> & {
  readonly group?: string | null;
};

export interface LabelEventCompletion {
  readonly labelHash: string | null;
  readonly reviewSeconds?: number;
}

export interface LabelEventStore {
  /**
   * Writes the intent (state `pending`) before the file changes.
   * @throws StoreError `image-busy` if a pending event of any process exists: it must be settled first; `verdict-
   * changed` if the sample's verdict is no longer `verdictBefore` (another window was faster).
   */
  begin(event: NewLabelEvent): Promise<LabelEventRow>;
  /**
   * Call after the file is on disk: marks the event as done and updates the image's label hash and state and the
   * sample's verdict, in one transaction.
   * @throws StoreError `event-ended` if it has already ended, or if a later event of the image is done.
   */
  complete(eventId: number, completion: LabelEventCompletion): Promise<void>;
  /** Ends an event whose change never reached the disk, or lost to another change of the file (`conflict`). */
  end(eventId: number, state: 'abandoned' | 'conflict'): Promise<void>;
  /**
   * Transfers a pending event of a dead owner to `owner`, which alone may then end it.
   * @returns false if it has ended or another process took it.
   */
  take(eventId: number, from: Lease, owner: Lease): Promise<boolean>;
  pending(): Promise<LabelEventRow[]>;
  history(imageId: number): Promise<LabelEventRow[]>;
  /** The `done` events of a group that no later event has undone, the newest first. */
  standing(group: string): Promise<LabelEventRow[]>;
  /** The newest `done` verdict of an iteration that no later event has undone. */
  lastUndoable(iterationId: number): Promise<LabelEventRow | null>;
  /** The newest `done` undo of an iteration, unless it was undone itself or a person gave a verdict since. */
  lastRedoable(iterationId: number): Promise<LabelEventRow | null>;
  /**
   * The newest completed edit or undo of each of these images since `since` (ISO time). Its `verdictAfter` is the
   * verdict on the image now.
   */
  edits(imageIds: readonly number[], since: string): Promise<LabelEventRow[]>;
  /** The newest `done` edit of these images since `since` that no later event has undone. */
  lastUndoableEdit(imageIds: readonly number[], since: string): Promise<LabelEventRow | null>;
  /** As `lastRedoable`, for these images. */
  lastRedoableEdit(imageIds: readonly number[], since: string): Promise<LabelEventRow | null>;
}
