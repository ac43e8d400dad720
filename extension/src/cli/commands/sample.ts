import type { Command } from '../command.ts';
import { runSample } from '../../sample/sampleFolder.ts';

export const sampleCommand: Command = {
  name: 'sample',
  usage: 'sample [--out <folder>] [--seed <n>] [--images <n>]',
  summary: 'Generate the sample project: machined parts with defects, 40 labelled, the rest a pool',
  options: { out: { type: 'string' }, seed: { type: 'string' }, images: { type: 'string' } },
  run: (flags, _positionals, { signal }) =>
    runSample(
      Object.entries(flags).flatMap(([name, value]) => (typeof value === 'string' ? [`--${name}`, value] : [])),
      signal,
    ),
};
