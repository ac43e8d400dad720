import { basename } from 'node:path';
import { strategies } from '../../core/selection/registry.ts';
import { batchSettings, sessionSettings } from '../../core/session/sessionSettings.ts';
import { applyBatchChange, previewBatch, type BatchPreview } from '../../workflow/iteration/selection/previewBatch.ts';
import type { Command } from '../command.ts';
import { table } from '../output.ts';
import { chosenSession, inWorkspace, workspaceOptions } from '../session.ts';
import { settingOptions, settingsFrom } from '../settingFlags.ts';

export const previewCommand: Command = {
  name: 'preview',
  usage: `preview [--strategy <${strategies.map(({ id }) => id).join('|')}>] [--weights <confidence,entropy,variance>] [--ranking-metric <metric>] [--min-uncertainty <0…1>] [--zero-detections quota|ignore|first] [--batch <images>] [--seed <number>] [--apply] [--session <number or name>] [--json]`,
  summary: 'Show which images other settings would bring into the batch and take out; --apply makes the change',
  options: {
    ...workspaceOptions,
    weights: { type: 'string' },
    ...settingOptions(Object.fromEntries(batchSettings.map((name) => [name, sessionSettings[name]]))),
    apply: { type: 'boolean' },
  },
  run: (flags, _, terminal) =>
    inWorkspace(flags, terminal, async (ports, task) => {
      const session = await chosenSession(ports, flags);
      // `--weights` names the score weights here, and the base model everywhere else.
      const change = settingsFrom(flags, batchSettings, { uncertaintyWeights: 'weights' });
      const preview = await previewBatch(ports, session.id, change, task);
      if (flags['apply'] === true) await applyBatchChange(ports, session.id, change, task);
      terminal.print(flags['json'] === true ? JSON.stringify(preview) : describe(preview));
      if (flags['apply'] === true) terminal.note('The batch is replaced. Next: samples');
      return 0;
    }),
};

function describe({ before, after, entering, leaving, classes, notes }: BatchPreview): string {
  const staying = after.length - entering.length;
  const changes = [...rows(leaving, '-'), ...rows(entering, '+')];
  return [
    `${before.length} images now, ${after.length} then: ${staying} stay, ${leaving.length} leave, ${entering.length} come.`,
    ...(changes.length > 0 ? [table(['', 'image', 'reasons'], changes)] : []),
    '',
    table(
      ['class', 'labelled boxes', 'expected now', 'expected then'],
      classes.map((one) => [one.name, one.labelled, one.before, one.after]),
    ),
    ...notes,
  ].join('\n');
}

function rows(images: BatchPreview['after'], sign: string): string[][] {
  return images.map(({ path, reasons }) => [sign, basename(path), reasons.join('; ')]);
}
