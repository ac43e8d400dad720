import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { newPlugin } from '../../adapters/plugins/newPlugin.ts';
import { productPaths } from '../../composition/productPaths.ts';
import { scorePluginsFolder } from '../../composition/workspace.ts';
import { builtInScores } from '../../core/uncertainty/registry.ts';
import { explainImageOperation, listScoresOperation } from '../../workflow/operations/poolOperations.ts';
import type { Ports } from '../../workflow/ports/ports.ts';
import type { Flags, Terminal } from '../command.ts';
import { defineCommand, type Environment } from '../defineCommand.ts';
import { textFlag } from '../flags.ts';
import { table } from '../output.ts';
import { workspaceEnvironment } from '../session.ts';

export const scoresCommand = defineCommand({
  name: 'scores',
  operation: explainImageOperation,
  environment: workspaceEnvironment,
  argument: 'image',
  // A path that exists is meant from the current folder; another one may be as the dataset names it.
  prepare: (input) => {
    const { image } = input;
    const exists = typeof image === 'string' && existsSync(image);
    return Promise.resolve(exists ? { ...input, image: resolve(image) } : input);
  },
  text: ({ scores, withheldScores, reasons }) => {
    const ids = new Set([...builtInScores.map(({ id }) => id), ...Object.keys(scores)]);
    const rows = [...ids].map((id) => [
      id,
      scores[id] ?? '–',
      scores[id] === undefined ? (withheldScores[id] ?? '') : '',
    ]);
    const why = reasons.length > 0 ? reasons.join('; ') : 'nothing stands out';
    return `${table(['score', 'value', 'why not'], rows)}\n${why}`;
  },
});

/** The workspace, in which a flag first creates a plug-in. */
const pluginEnvironment: Environment<Ports> = {
  flags: [
    { name: 'new', type: 'string', flag: '--new <id>', help: 'Create a score plug-in from an example first' },
    ...workspaceEnvironment.flags,
  ],
  use: (flags, terminal, work) =>
    workspaceEnvironment.use(flags, terminal, async (ports, options) => {
      await createPlugin(flags, terminal);
      return work(ports, options);
    }),
};

async function createPlugin(flags: Flags, terminal: Terminal): Promise<void> {
  const id = textFlag(flags, 'new');
  if (id === undefined) return;
  const folder = scorePluginsFolder(join(resolve(textFlag(flags, 'workspace') ?? process.cwd()), '.active-learning'));
  const file = await newPlugin({ id, folder, examples: productPaths().plugin });
  terminal.note(`Wrote ${file}. Change it; the next scoring uses it.`);
}

export const metricsCommand = defineCommand({
  name: 'metrics',
  operation: listScoresOperation,
  environment: pluginEnvironment,
  text: ({ metrics }) => {
    const rows = metrics.map((metric) => [metric.id, metric.title, metric.description, metric.file ?? 'built in']);
    return table(['score', 'title', 'meaning', 'from'], rows);
  },
  notes: ({ faults }) => faults.map(({ file, error }) => `${file}: ${error.message} ${error.hint}`),
  exitCode: ({ faults }) => (faults.length > 0 ? 1 : 0),
});
