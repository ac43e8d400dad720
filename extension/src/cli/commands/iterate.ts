import { isAbsolute } from 'node:path';
import type { Ports } from '../../workflow/ports/ports.ts';
import { finishReview } from '../../workflow/review/review.ts';
import { leftOutNote, leftOutOf } from '../../workflow/models/leftOut.ts';
import { runIteration } from '../../workflow/iteration/runIteration.ts';
import type { SessionRow } from '../../workflow/ports/store/sessions.ts';
import { editSession } from '../../workflow/session/sessions.ts';
import type { Command, Flags } from '../command.ts';
import { UsageError } from '../flags.ts';
import { chosenSession, inWorkspace, newestIteration, workspaceOptions } from '../session.ts';
import { settingsFrom } from '../settingFlags.ts';

export const runCommand: Command = {
  name: 'run',
  usage:
    'run [--session <number or name>] [--python <path>] [--allow-download] [--weights <path>] [--allow-unsafe-weights]',
  summary: 'Train, evaluate, score the pool and select a batch; goes on where it stopped',
  options: {
    ...workspaceOptions,
    'allow-download': { type: 'boolean' },
    weights: { type: 'string' },
    'allow-unsafe-weights': { type: 'boolean' },
  },
  run: (flags, _, terminal) =>
    inWorkspace(flags, terminal, async (ports, task) => {
      const session = await withWeights(ports, await chosenSession(ports, flags), flags);
      const allowDownload = flags['allow-download'] === true;
      const iteration = await runIteration(ports, session.id, { ...task, allowDownload });
      if (flags['json'] === true) {
        terminal.print(JSON.stringify(iteration));
        return 0;
      }
      const { iterationNumber, trainingImagesCount, map50, map5095, validationImagesCount } = iteration;
      if (map50 !== null) {
        terminal.print(
          `Iteration ${iterationNumber}: trained on ${trainingImagesCount} images, mAP50 ${map50.toFixed(3)}, mAP50-95 ${map5095?.toFixed(3)} on ${validationImagesCount} validation images.`,
        );
      }
      const version = await ports.store.models.byIteration(iteration.id);
      const leftOut = version === null ? null : leftOutNote(leftOutOf(version.lineage));
      if (leftOut !== null) terminal.print(`${leftOut}.`);
      const { total } = await ports.store.samples.progress(iteration.id);
      terminal.print(
        iteration.status === 'reviewing'
          ? `${total} samples wait for review. Next: samples`
          : 'Nothing is left to review.',
      );
      return 0;
    }),
};

/** Chooses the base weights (again), and lets them run code where the person trusts whoever made them. */
async function withWeights(ports: Ports, session: SessionRow, flags: Flags): Promise<SessionRow> {
  const { baseModel } = settingsFrom({ weights: flags['weights'] });
  const changed = baseModel === undefined ? session : await editSession(ports, session.id, { baseModel });
  if (flags['allow-unsafe-weights'] === true) {
    if (!isAbsolute(changed.baseModel)) {
      throw new UsageError(
        `--allow-unsafe-weights needs a file, and the session starts from ${changed.baseModel}.`,
        'Name the file with --weights <path>.',
      );
    }
    await ports.knownFiles.remember(changed.baseModel, 'code');
  }
  return changed;
}

export const finishCommand: Command = {
  name: 'finish',
  usage: 'finish [--session <number or name>]',
  summary: 'End the review; samples without a verdict go back to the pool',
  options: workspaceOptions,
  run: (flags, _, terminal) =>
    inWorkspace(flags, terminal, async (ports) => {
      const iteration = await newestIteration(ports, await chosenSession(ports, flags));
      await finishReview(ports, iteration.id);
      terminal.print(`Iteration ${iteration.iterationNumber} is completed. Next: run`);
      return 0;
    }),
};
