import { resolve } from 'node:path';
import { exportModel } from '../../workflow/models/exportModel.ts';
import type { Command } from '../command.ts';
import { requiredFlag } from '../flags.ts';
import { chosenSession, inWorkspace, workspaceOptions } from '../session.ts';

export const exportCommand: Command = {
  name: 'export',
  usage: 'export --to <folder> [--session <number or name>]',
  summary: 'Write the best model as .pt and ONNX, with metrics and a model card',
  options: { ...workspaceOptions, to: { type: 'string' } },
  run: (flags, _, terminal) =>
    inWorkspace(flags, terminal, async (ports) => {
      const session = await chosenSession(ports, flags);
      const { files } = await exportModel(ports, session.id, resolve(requiredFlag(flags, 'to')));
      terminal.print(flags['json'] === true ? JSON.stringify(files) : files.join('\n'));
      return 0;
    }),
};
