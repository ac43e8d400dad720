import { resolve } from 'node:path';
import { readLabelFile } from '../../adapters/labels/fileLabels.ts';
import { boxesOf, parseLabelFile } from '../../core/dataset/labelFile.ts';
import type { Ports } from '../../workflow/ports/ports.ts';
import { ImageLocator } from '../../workflow/dataset/images.ts';
import { shownDetections, submitVerdict, undoVerdict, type Decision } from '../../workflow/review/review.ts';
import type { Command, Flags, Terminal } from '../command.ts';
import { idArgument, requiredFlag, UsageError } from '../flags.ts';
import { table } from '../output.ts';
import { chosenSession, inWorkspace, newestIteration, workspaceOptions } from '../session.ts';

const reasons = { background: 'rejected-background', unusable: 'rejected-unusable', later: 'rejected-later' } as const;

const samples: Command = {
  name: 'samples',
  usage: 'samples [--session <number or name>] [--json]',
  summary: 'List the samples of the newest iteration with scores, reasons and verdicts',
  options: workspaceOptions,
  run: (flags, _, terminal) =>
    inWorkspace(flags, terminal, async (ports) => {
      const session = await chosenSession(ports, flags);
      const iteration = await newestIteration(ports, session);
      const locator = await ImageLocator.of(ports, session.datasetId);
      const list = [];
      const batch = await ports.store.samples.list(iteration.id);
      const ids = batch.map((sample) => sample.imageId);
      const rows = await ports.store.images.find({ datasetId: session.datasetId, ids });
      const images = new Map(rows.map((image) => [image.id, image]));
      for (const sample of batch) {
        const image = images.get(sample.imageId);
        // An image whose row is damaged hides its own sample alone.
        if (image !== undefined) list.push({ ...sample, path: locator.path(image) });
      }
      if (flags['json'] === true) terminal.print(JSON.stringify(list));
      else {
        const lines = list.map((sample) => [
          sample.id,
          sample.combinedScore,
          shownDetections(sample).length,
          sample.verdict ?? 'open',
          sample.path,
          sample.reasons.join('; '),
        ]);
        terminal.print(table(['sample', 'combined', 'boxes', 'verdict', 'image', 'reasons'], lines));
      }
      return 0;
    }),
};

/** A command that writes one verdict; the decision is made of the flags. */
function verdictCommand(
  name: string,
  usage: string,
  summary: string,
  options: Command['options'],
  decide: (flags: Flags) => Promise<Decision> | Decision,
): Command {
  return {
    name,
    usage,
    summary,
    options: { ...workspaceOptions, ...options, overwrite: { type: 'boolean' } },
    run: (flags, positionals, terminal) =>
      inWorkspace(flags, terminal, async (ports) => {
        const decision = await decide(flags);
        const id = idArgument(positionals, 'sample');
        const sample = await submitVerdict(ports, id, decision, { overwriteOutsideEdit: flags['overwrite'] === true });
        return said(ports, terminal, sample.iterationId, `Sample ${id}: ${sample.verdict}.`);
      }),
  };
}

const accept = verdictCommand(
  'accept',
  'accept <sample> [--background]',
  'Accept the predicted boxes as labels',
  { background: { type: 'boolean' } },
  (flags) => ({ verdict: 'accepted', confirmBackground: flags['background'] === true }),
);

const correct = verdictCommand(
  'correct',
  'correct <sample> --labels <file.txt>',
  'Replace the predicted boxes by those of a YOLO label file',
  { labels: { type: 'string' } },
  async (flags) => {
    const path = resolve(requiredFlag(flags, 'labels'));
    const label = await readLabelFile(path);
    if (label === null) throw new UsageError(`There is no label file ${path}.`, 'Give the path of a YOLO label file.');
    const file = parseLabelFile(label.text, { classCount: null });
    const problem = file.problems.find((entry) => entry.severity === 'error');
    if (problem) throw new UsageError(`${path}:${problem.line}: ${problem.message}`, problem.hint);
    return { verdict: 'corrected', boxes: boxesOf(file) };
  },
);

const reject = verdictCommand(
  'reject',
  'reject <sample> --reason background|unusable|later',
  'Discard the predictions, with the reason',
  { reason: { type: 'string' } },
  (flags) => {
    const reason = requiredFlag(flags, 'reason');
    if (!(reason in reasons))
      throw new UsageError(`--reason must be ${Object.keys(reasons).join(', ')}, not "${reason}".`);
    return { verdict: reasons[reason as keyof typeof reasons] };
  },
);

const skip = verdictCommand('skip', 'skip <sample>', 'Decide nothing about a sample', {}, () => ({
  verdict: 'skipped',
}));

const undo: Command = {
  name: 'undo',
  usage: 'undo [--overwrite]',
  summary: 'Take back the newest verdict of this iteration',
  options: { ...workspaceOptions, overwrite: { type: 'boolean' } },
  run: (flags, _, terminal) =>
    inWorkspace(flags, terminal, async (ports) => {
      const iteration = await newestIteration(ports, await chosenSession(ports, flags));
      const sample = await undoVerdict(ports, iteration.id, { overwriteOutsideEdit: flags['overwrite'] === true });
      return said(ports, terminal, iteration.id, `Sample ${sample.id} is ${sample.verdict ?? 'open'} again.`);
    }),
};

async function said(ports: Ports, terminal: Terminal, iterationId: number, sentence: string): Promise<number> {
  const { open } = await ports.store.samples.progress(iterationId);
  terminal.print(`${sentence} ${open === 0 ? 'All samples are reviewed. Next: finish' : `${open} left.`}`);
  return 0;
}

export const reviewCommands: readonly Command[] = [samples, accept, correct, reject, skip, undo];
