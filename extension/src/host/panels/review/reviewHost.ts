import type { Previews } from '../../../adapters/previews/previews.ts';
import type { ReviewState } from '../../../protocol/review.ts';
import type { Ports } from '../../../workflow/ports/ports.ts';
import type { ImageList } from '../../../workflow/review/imageVerdicts.ts';
import { WorkflowError } from '../../../workflow/shared/errors.ts';
import type { Localiser } from '../../text/localiser.ts';

/** What a review needs of the editor. */
export interface ReviewPanelHost {
  /** The ports of the folder; they may be replaced while the panel is open. */
  readonly ports: () => Ports;
  readonly previews: Previews;
  readonly l10n: Localiser;
  /** The texts of the page in the user's language, by English text. */
  readonly strings: () => Readonly<Record<string, string>>;
  imageUrl(path: string): string;
  /** Why the review is view-only; `null` if verdicts are allowed. */
  lockReason(): string | null;
  /** Asks the user. @param action the title of the confirming button. */
  confirm(question: string, action: string): Promise<boolean>;
  /** Starts the next iteration in the background. */
  trainNext(): void;
  showMetrics(): void;
  /** Opens the list of keyboard shortcuts. */
  changeKeys(): Promise<void>;
  /** This panel changed the database. */
  databaseChanged(): void;
  /** The user gave a verdict in this panel, which changed the database. */
  verdictGiven(): void;
  /** The sample that the user opened last, over a reload of the window; null if the next open one follows. */
  readonly place: Place;
  /** Sends a state that the page did not request. */
  push(state: ReviewState): void;
}

/** Where a review continues after a reload. */
export interface Place {
  get(): number | null;
  set(sampleId: number | null): void;
}

/** The session and batch that a panel reviews. */
export interface ReviewTarget {
  readonly sessionId: number;
  /** `null` for the newest batch, also after a new iteration. */
  readonly iterationId: number | null;
  /** A list of images to look through instead of a batch. */
  readonly list?: ImageList | undefined;
}

/** An action that is not allowed now. @param reason in the user's language. */
export function notAvailable(reason: string): WorkflowError {
  return new WorkflowError('not-now', reason, '');
}
