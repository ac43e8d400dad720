import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { productPaths } from '../../composition/productPaths.ts';
import { metricsFolder } from '../../composition/workspace.ts';
import { metricId } from '../../core/session/settingFields.ts';
import { builtInMetrics } from '../../core/uncertainty/registry.ts';
import type { Command, Terminal } from '../command.ts';
import { textFlag, UsageError } from '../flags.ts';
import { table } from '../output.ts';
import { inWorkspace, workspaceOptions } from '../session.ts';

export const metricsCommand: Command = {
  name: 'metrics',
  usage: 'metrics [--new <id>] [--json]',
  summary: 'List the scores there are, metric plug-ins and what is wrong with them included; --new begins a plug-in',
  options: { ...workspaceOptions, new: { type: 'string' } },
  run: (flags, _, terminal) =>
    inWorkspace(flags, terminal, async (engine) => {
      const id = textFlag(flags, 'new');
      if (id !== undefined) await begin(id, resolve(textFlag(flags, 'workspace') ?? process.cwd()), terminal);
      const run = await engine.metricPlugins?.open();
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

/** Writes an example under a name of its own, and the types beside it; a file that is there is never touched. */
async function begin(id: string, workspace: string, terminal: Terminal): Promise<void> {
  if (!metricId.test(id)) {
    throw new UsageError(
      `"${id}" is no id of a metric.`,
      'Use lower-case letters, digits and hyphens, such as cut-off.',
    );
  }
  const { plugin } = productPaths();
  const folder = metricsFolder(join(workspace, '.active-learning'));
  await mkdir(folder, { recursive: true });
  const example = await readFile(join(plugin, 'example.mjs'), 'utf8');
  const file = join(folder, `${id}.mjs`);
  try {
    await writeFile(file, example.replace("id: 'cut-off'", `id: '${id}'`), { flag: 'wx' });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    throw new UsageError(`${file} is there already.`, 'Choose another id, or change that file.');
  }
  await copyFile(join(plugin, 'metric.d.ts'), join(folder, 'metric.d.ts'));
  terminal.note(`Wrote ${file}. Change it; the next scoring uses it.`);
}
