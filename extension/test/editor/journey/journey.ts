import { join } from 'node:path';
import type { Editor } from '../support/editor.ts';
import { poll } from '../support/poll.ts';
import type { Evaluator, ExtensionHost } from '../support/evaluator.ts';
import type { EditorNotification } from '../support/parts.ts';
import { ReviewPage } from './reviewPage.ts';
import { SessionData, type Iteration, type Sample } from './sessionData.ts';
import { fingerprint, type JourneyWorkspace, type Stopwatch } from './workspace.ts';

/** A busy machine takes minutes for what takes seconds. */
export const limit = 240_000;
const trainingLimit = 900_000;

/** The category of the product's commands, and the name of its view container. */
export const product = 'Active Learning';

/** What the steps of the journey work with. */
export class Journey {
  readonly editor: Editor;
  readonly folder: string;
  readonly dataset: string;
  /** As the wizard names it. */
  readonly baseModel: string;
  readonly data: SessionData;
  readonly page: ReviewPage;
  readonly watch: Stopwatch;
  /** Whether the base model has learnt something, so that boxes are to be expected. */
  readonly pretrained: boolean;
  /** The dataset as it was before anything was done. */
  readonly before: ReadonlyMap<string, string>;

  readonly #evaluator: Evaluator;
  readonly #hosts: ExtensionHost[] = [];

  private constructor(editor: Editor, evaluator: Evaluator, workspace: JourneyWorkspace, watch: Stopwatch) {
    const { folder, baseModel, pretrained } = workspace;
    this.baseModel = baseModel;
    this.pretrained = pretrained;
    this.#evaluator = evaluator;
    this.editor = editor;
    this.folder = folder;
    this.dataset = join(folder, 'parts');
    this.data = new SessionData(folder);
    this.page = new ReviewPage(editor);
    this.watch = watch;
    this.before = fingerprint(this.dataset);
  }

  /** Begins in a window that has loaded its extensions. */
  static async begin(
    editor: Editor,
    evaluator: Evaluator,
    workspace: JourneyWorkspace,
    watch: Stopwatch,
  ): Promise<Journey> {
    const journey = new Journey(editor, evaluator, workspace, watch);
    journey.#hosts.push(await evaluator.host());
    return journey;
  }

  /** The extension host of the window as it is now. */
  get host(): ExtensionHost {
    const host = this.#hosts.at(-1);
    if (host === undefined) throw new Error('The journey has not begun.');
    return host;
  }

  /** Reloads the window, which starts its extensions anew. */
  async reload(): Promise<void> {
    await this.editor.reloadWindow();
    this.#hosts.push(await this.#evaluator.host(...this.#hosts));
  }

  /** Waits until an iteration is there and its trainer has finished an epoch. @returns the trainer's process. */
  untilLearning(number: number): Promise<{ runId: string; pid: number }> {
    return poll(`the training of iteration ${number}`, trainingLimit, async () => {
      const runId = this.data.iterations().find((row) => row.number === number)?.runId ?? null;
      const pid = runId === null ? undefined : this.data.trainerPid(runId);
      if (runId === null || pid === undefined) return undefined;
      return this.data.runEvents(runId, 'epoch').length > 0 ? { runId, pid } : undefined;
    });
  }

  /** @throws Error when the iteration fails instead, with what the user is told. */
  async untilReviewing(number: number): Promise<Iteration> {
    const ended = await poll(`the review of iteration ${number}`, trainingLimit, async () =>
      this.data.iterations().find((row) => row.number === number && ['reviewing', 'failed'].includes(row.status)),
    );
    if (ended.status === 'reviewing') return ended;
    await this.editor.page.waitForTimeout(3000);
    const told = (await this.editor.notifications.all()).map(({ message }) => message);
    throw new Error(`Iteration ${number} failed: ${told.join(' | ')}`);
  }

  /** Waits for a message; one that has left its corner meanwhile is looked up in the list. */
  async news(message: string): Promise<EditorNotification> {
    const { editor } = this;
    const end = Date.now() + limit;
    for (;;) {
      const found = (await editor.notifications.all()).find((one) => one.message.includes(message));
      if (found !== undefined) return found;
      if (Date.now() > end) throw new Error(`Waited ${limit / 1000} s in vain for the message "${message}".`);
      await editor.page.waitForTimeout(3000);
      if ((await editor.notifications.all()).length === 0) await editor.runCommand('Notifications: Show Notifications');
    }
  }

  /** The samples of the newest iteration. */
  samples(): Sample[] {
    return this.data.samples(this.data.iterations().at(-1)?.id ?? 0);
  }

  labelFile(sample: Sample): string {
    return join(this.dataset, sample.path.replace('images/', 'labels/').replace(/\.jpg$/, '.txt'));
  }

  verdict(sample: Sample, verdict: string): Promise<Sample> {
    return poll(`the verdict ${verdict} on ${sample.path}`, limit, async () =>
      this.samples().find(({ id, verdict: given }) => id === sample.id && given === verdict),
    );
  }
}
