import { findDuplicates, type DuplicateReport, type ReportedDuplicate } from '../../workflow/similarity/duplicates.ts';
import type { Command } from '../command.ts';
import { chosenSession, inWorkspace, workspaceOptions } from '../session.ts';

export const duplicatesCommand: Command = {
  name: 'duplicates',
  usage: 'duplicates [--session <number or name>] [--python <path>] [--json]',
  summary: 'Find images that show the same, also across the validation split; exit code 1 when one leaks into it',
  options: workspaceOptions,
  run: (flags, _, terminal) =>
    inWorkspace(flags, terminal, async (ports, task) => {
      const session = await chosenSession(ports, flags);
      const report = await findDuplicates(ports, session.id, task);
      terminal.print(flags['json'] === true ? JSON.stringify(report) : describe(report));
      return report.leaks.length > 0 ? 1 : 0;
    }),
};

function describe({ images, withEmbeddings, groups, leaks }: DuplicateReport): string {
  const copies = groups.reduce((sum, { others }) => sum + others.length, 0);
  return [
    `${images} images: ${copies} show the same as another one, in ${groups.length} groups`,
    ...(withEmbeddings ? [] : ['Without vectors only pictures with almost the same hash were found.']),
    ...groups.flatMap(({ first, others }) => [
      `${first.file} (${first.split}, ${first.state})`,
      ...others.map((other) => `  ${how(other)}  ${other.file} (${other.split}, ${other.state})`),
    ]),
    ...leaks.map(
      ({ held, image }) =>
        `warning: ${image.file} (${image.split}) shows the same as ${held.file} (${held.split}), so that the numbers of ${held.split} flatter the model.`,
    ),
  ].join('\n');
}

function how({ sameFile, bits, cosine }: ReportedDuplicate): string {
  if (sameFile) return 'same file';
  return `${bits} of 64 bits differ${cosine === null ? '' : `, cosine ${cosine.toFixed(3)}`}`;
}
