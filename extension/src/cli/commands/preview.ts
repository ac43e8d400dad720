import { basename } from 'node:path';
import { strategies } from '../../core/selection/registry.ts';
import { parseSetting, type SettingName } from '../../core/session/settingFields.ts';
import { SettingsError, type SettingProblem } from '../../core/session/errors.ts';
import {
  applyBatchChange,
  previewBatch,
  type BatchChange,
  type BatchPreview,
} from '../../workflow/iteration/selection/previewBatch.ts';
import type { Command, Flags } from '../command.ts';
import { textFlag } from '../flags.ts';
import { table } from '../output.ts';
import { chosenSession, inWorkspace, workspaceOptions } from '../session.ts';

/** Flags that change a batch, by name. */
const changeFlags = {
  strategy: 'strategy',
  weights: 'uncertaintyWeights',
  'uncertainty-weights': 'uncertaintyWeights',
  'ranking-metric': 'rankingMetric',
  'min-uncertainty': 'minUncertainty',
  'zero-detections': 'zeroDetections',
  batch: 'maxSamplesPerIteration',
  seed: 'seed',
} as const satisfies Readonly<Record<string, SettingName>>;

export const previewCommand: Command = {
  name: 'preview',
  usage: `preview [--strategy <${strategies.map(({ id }) => id).join('|')}>] [--weights <confidence,entropy,variance>] [--ranking-metric <metric>] [--min-uncertainty <0…1>] [--zero-detections quota|ignore|first] [--batch <images>] [--seed <number>] [--apply] [--session <number or name>] [--json]`,
  summary: 'Show which images other settings would bring into the batch and take out; --apply makes the change',
  options: {
    ...workspaceOptions,
    ...Object.fromEntries(Object.keys(changeFlags).map((flag) => [flag, { type: 'string' }] as const)),
    apply: { type: 'boolean' },
  },
  run: (flags, _, terminal) =>
    inWorkspace(flags, terminal, async (ports, task) => {
      const session = await chosenSession(ports, flags);
      const change = changeFrom(flags);
      const preview = await previewBatch(ports, session.id, change, task);
      if (flags['apply'] === true) await applyBatchChange(ports, session.id, change, task);
      terminal.print(flags['json'] === true ? JSON.stringify(preview) : describe(preview));
      if (flags['apply'] === true) terminal.note('The batch is replaced. Next: samples');
      return 0;
    }),
};

function changeFrom(flags: Flags): BatchChange {
  const change: Record<string, unknown> = {};
  const problems: SettingProblem[] = [];
  for (const [flag, field] of Object.entries(changeFlags)) {
    const text = textFlag(flags, flag);
    if (text === undefined) continue;
    const read = parseSetting(field, text);
    if (read.ok) change[field] = read.value;
    else problems.push({ field: `--${flag}`, message: read.message });
  }
  if (problems.length > 0) throw new SettingsError(problems);
  return change;
}

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
