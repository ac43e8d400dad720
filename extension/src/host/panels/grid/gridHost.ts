import type { Thumbnails } from '../../../composition/gridFiles.ts';
import type { GridFromHost } from '../../../protocol/grid.ts';
import type { Ports, RunOptions } from '../../../workflow/ports/ports.ts';
import type { ImageList } from '../../../workflow/review/imageVerdicts.ts';
import type { Localiser } from '../../text/localiser.ts';

/** What a grid needs of the editor. */
export interface GridPanelHost {
  /** The ports of the folder; they may be replaced while the panel is open. */
  readonly ports: () => Ports;
  readonly thumbnails: Pick<Thumbnails, 'pathIfReady' | 'make'>;
  readonly l10n: Localiser;
  /** The texts of the page in the user's language, by English text. */
  readonly strings: () => Readonly<Record<string, string>>;
  /** The address of a thumbnail for the page. */
  imageUrl(path: string): string;
  /** Opens a sample of the batch in the review editor. */
  showSample(sampleId: number): Promise<void>;
  /** Opens images of the dataset in the review editor. */
  showImages(list: ImageList): Promise<void>;
  now(): string;
  /** Why nothing can be changed; null if it can. */
  lockReason(): string | null;
  /** Asks the user. @param action the title of the confirming button. */
  confirm(question: string, action: string): Promise<boolean>;
  /** Shows the progress of long work, which the user can cancel. */
  withProgress<T>(title: string, work: (options: RunOptions) => Promise<T>): Promise<T>;
  /** This panel changed the database. */
  databaseChanged(): void;
  send<T extends keyof GridFromHost['events']>(type: T, payload: GridFromHost['events'][T]): void;
}
