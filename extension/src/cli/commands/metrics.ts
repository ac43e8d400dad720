import { join, resolve } from 'node:path';
import { newPlugin } from '../../adapters/plugins/newPlugin.ts';
import { productPaths } from '../../composition/productPaths.ts';
import { metricsFolder } from '../../composition/workspace.ts';
import { builtInMetrics } from '../../core/uncertainty/registry.ts';
import type { Command } from '../command.ts';
import { textFlag } from '../flags.ts';
import { table } from '../output.ts';
import { inWorkspace, workspaceOptions } from '../session.ts';

export const metricsCommand: Command = {
  name: 'metrics',
  usage: 'metrics [--new <id>] [--json]',
  summary: 'List the scores there are, metric plug-ins and what is wrong with them included; --new begins a plug-in',
  options: { ...workspaceOptions, new: { type: 'string' } },
  run: (flags, _, terminal) =>
    inWorkspace(flags, terminal, async (ports) => {
      const id = textFlag(flags, 'new');
      if (id !== undefined) {
        const folder = metricsFolder(join(resolve(textFlag(flags, 'workspace') ?? process.cwd()), '.active-learning'));
        const file = await newPlugin({ id, folder, examples: productPaths().plugin });
        terminal.note(`Wrote ${file}. Change it; the next scoring uses it.`);
      }
      const run = await ports.metricPlugins?.open();
      const metrics = [
        ...builtInMetrics.map(({ id: name, title, description }) => ({ id: name, title, description, file: null })),
        ...(run?.metrics ?? []).map(({ id: name, title, description, file }) => ({
          id: name,
          title,
          description,
          file,
        })),
      ];
      const faults = run?.faults ?? [];
      await run?.close();
      if (flags['json'] === true) {
        terminal.print(JSON.stringify({ metrics, faults }));
      } else {
        const rows = metrics.map((metric) => [metric.id, metric.title, metric.description, metric.file ?? 'built in']);
        terminal.print(table(['metric', 'title', 'what it tells', 'from'], rows));
        for (const { file, error } of faults) terminal.note(`${file}: ${error.message} ${error.hint}`);
      }
      return faults.length > 0 ? 1 : 0;
    }),
};
