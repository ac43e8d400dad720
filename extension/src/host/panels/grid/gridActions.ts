import type { GridReport, SharedVerdictView } from '../../../protocol/grid.ts';
import { duplicatesOf } from '../../../workflow/grid/duplicatesOf.ts';
import type { GridContext } from '../../../workflow/grid/gridContext.ts';
import { judgeImages } from '../../../workflow/grid/judgeImages.ts';
import { queueImages } from '../../../workflow/grid/queueImages.ts';
import { findDuplicatesOperation } from '../../../workflow/operations/poolOperations.ts';
import type { RunOptions } from '../../../workflow/ports/ports.ts';
import type { ManyVerdicts } from '../../../workflow/review/manyVerdicts.ts';
import { reverseGroup } from '../../../workflow/review/reversals.ts';
import { WorkflowError } from '../../../workflow/shared/errors.ts';
import type { DuplicateReport } from '../../../workflow/similarity/duplicates.ts';
import type { GridPanelHost } from './gridHost.ts';

/** More images get a verdict only after a question. */
const mostUnasked = 20;

/** Verdicts that were given together. */
interface Given {
  readonly group: string;
  readonly count: number;
  /** The iteration that was open. */
  readonly iterationId: number | null;
}

/** What a grid does to many images at once. */
export class GridActions {
  readonly #host: GridPanelHost;
  readonly #given: Given[] = [];
  /** The near duplicates of the dataset, and the number of images among which they were found. */
  #duplicates: { readonly images: number; readonly report: DuplicateReport } | null = null;

  constructor(host: GridPanelHost) {
    this.#host = host;
  }

  /** Number of verdicts that an undo takes back. */
  get undoable(): number {
    return this.#given.at(-1)?.count ?? 0;
  }

  async judge(context: GridContext, imageIds: readonly number[], verdict: SharedVerdictView): Promise<GridReport> {
    this.#requireUnlocked();
    const { l10n } = this.#host;
    if (imageIds.length > mostUnasked) {
      const question = {
        accepted: l10n.t(
          'Accept the shown boxes of {0} images? Images with a verdict stay as they are.',
          imageIds.length,
        ),
        'rejected-background': l10n.t(
          'Label {0} images as background? Images with a verdict stay as they are.',
          imageIds.length,
        ),
        'rejected-unusable': l10n.t(
          'Reject {0} images as unusable? Images with a verdict stay as they are.',
          imageIds.length,
        ),
        'rejected-later': l10n.t(
          'Leave {0} images for later? Images with a verdict stay as they are.',
          imageIds.length,
        ),
      }[verdict];
      if (!(await this.#host.confirm(question, l10n.t('Continue')))) {
        throw new WorkflowError('cancelled', 'Nothing was changed.', '');
      }
    }
    const save = (options: RunOptions): Promise<ManyVerdicts> =>
      judgeImages(this.#host.ports(), context, imageIds, verdict, options);
    const isLong = imageIds.length > mostUnasked;
    const { group, given, leftOut, failure } = isLong
      ? await this.#host.withProgress(l10n.t('Saving verdicts'), save)
      : await save({});
    const iterationId = context.isOpen ? (context.iteration?.id ?? null) : null;
    if (group !== null) this.#given.push({ group, count: given.length, iterationId });
    return { kind: 'judged', done: given.length, leftOut, failure: failure?.message ?? null };
  }

  /** Takes back the verdicts of the last action, except on images that were changed since. */
  async undo(context: GridContext): Promise<GridReport> {
    this.#requireUnlocked();
    const last = this.#given.pop();
    if (last === undefined) throw new WorkflowError('nothing-to-undo', 'There is no verdict to undo.', '');
    if (last.iterationId !== null && !(context.isOpen && context.iteration?.id === last.iterationId)) {
      throw new WorkflowError(
        'nothing-to-undo',
        'The review of these images is finished.',
        'Open an image to change it.',
      );
    }
    const { reversed, leftOut, failure } = await reverseGroup(this.#host.ports(), last.group);
    const left = leftOut.length === 0 ? {} : { edited: leftOut.length };
    return { kind: 'undone', done: reversed.length, leftOut: left, failure: failure?.message ?? null };
  }

  async queue(context: GridContext, imageIds: readonly number[]): Promise<GridReport> {
    this.#requireUnlocked();
    const { queued, leftOut } = await queueImages(this.#host.ports(), context, imageIds);
    return { kind: 'queued', done: queued, leftOut: leftOut === 0 ? {} : { 'not-open': leftOut }, failure: null };
  }

  /** An image and its near duplicates. They are searched once, and again after images were added. */
  async duplicatesOf({ session, dataset }: GridContext, imageId: number): Promise<readonly number[]> {
    this.#requireUnlocked();
    const ports = this.#host.ports();
    const images = await ports.store.images.count({ datasetId: dataset.id });
    if (this.#duplicates?.images !== images) {
      const title = this.#host.l10n.t('Looking for duplicate images');
      const report = await this.#host.withProgress(title, (options) =>
        findDuplicatesOperation.run(ports, { session: session.id }, options),
      );
      this.#duplicates = { images, report };
    }
    return duplicatesOf(this.#duplicates.report, imageId);
  }

  #requireUnlocked(): void {
    const reason = this.#host.lockReason();
    if (reason !== null) throw new WorkflowError('not-now', reason, '');
  }
}
