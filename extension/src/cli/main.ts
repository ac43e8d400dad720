import { inspect, parseArgs } from 'node:util';
import { toErrorReport } from '../core/errors.ts';
import { visibleText } from '../core/text/escapeText.ts';
import type { Command, Terminal } from './command.ts';
import { duplicatesCommand } from './commands/duplicates.ts';
import { exportCommand } from './commands/exportModel.ts';
import { finishCommand, runCommand } from './commands/iterate.ts';
import { loopCommand } from './commands/loop.ts';
import { metricsCommand } from './commands/metrics.ts';
import { parityCommand } from './commands/parity.ts';
import { poolCommand } from './commands/pool.ts';
import { previewCommand } from './commands/preview.ts';
import { reviewCommands } from './commands/review.ts';
import { sampleCommand } from './commands/sample.ts';
import { scoresCommand } from './commands/scores.ts';
import { sessionCommands } from './commands/sessions.ts';
import { validateCommand } from './commands/validate.ts';
import { UsageError } from './flags.ts';

const commands: readonly Command[] = [
  ...sessionCommands,
  runCommand,
  ...reviewCommands,
  scoresCommand,
  poolCommand,
  previewCommand,
  metricsCommand,
  finishCommand,
  exportCommand,
  validateCommand,
  duplicatesCommand,
  loopCommand,
  parityCommand,
  sampleCommand,
];

/** Which flag says yes, by the code of the question. */
const waysOut: Readonly<Record<string, string>> = {
  'untrusted-folder': ' Add --trust-folder to do so.',
  'weights-unknown': ' To choose it, add --weights <path> to run.',
  'weights-changed': ' To choose it again, add --weights <path> to run.',
  'weights-unsafe': ' To let it run code, add --allow-unsafe-weights to run.',
};

/**
 * Runs one command. `AL_DEBUG` shows where an error comes from.
 * @returns the exit code: 0 done, 1 failed, 2 not understood, 3 a folder that is not trusted, 130 stopped on request.
 */
export async function main(args: readonly string[], output: Terminal): Promise<number> {
  // What files call their classes and sessions must not steer the terminal.
  const terminal: Terminal = {
    print: (text) => output.print(visibleText(text)),
    note: (text) => output.note(visibleText(text)),
    ...(output.ask === undefined ? {} : { ask: output.ask }),
    signal: output.signal,
  };
  const [name, ...rest] = args;
  if (name === undefined || name === '--help' || name === 'help') {
    terminal.print(help());
    return name === undefined ? 2 : 0;
  }
  const command = commands.find((candidate) => candidate.name === name);
  try {
    if (!command) throw new UsageError(`There is no command "${name}".`, 'Run without a command to see them all.');
    const { values, positionals } = parse(command, rest);
    if (values['help'] === true) {
      terminal.print([command.usage, command.summary, ...(command.details ? ['', command.details()] : [])].join('\n'));
      return 0;
    }
    return await command.run(values, positionals, terminal);
  } catch (error) {
    return explain(error, terminal);
  }
}

/** Says what failed, where, and what to do; how the code came there only where somebody asks. @returns the exit code. */
export function explain(error: unknown, terminal: Pick<Terminal, 'note'>): number {
  const report = toErrorReport(error);
  terminal.note(`Error (${report.code}): ${report.message}`);
  if (report.where !== undefined) terminal.note(`Where: ${report.where}`);
  terminal.note(`What to do: ${report.hint}${waysOut[report.code] ?? ''}`);
  if (report.code === 'cancelled') return 130;
  if (report.code === 'untrusted-folder') return 3;
  if (report.code === 'usage') return 2;
  if ((process.env['AL_DEBUG'] ?? '') !== '') terminal.note(inspect(error));
  else if (report.code === 'unexpected') terminal.note('Set AL_DEBUG=1 to see how the program came there.');
  return 1;
}

function parse(command: Command, args: readonly string[]) {
  try {
    const options = { ...command.options, help: { type: 'boolean' as const } };
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), command.usage);
  }
}

function help(): string {
  const width = Math.max(...commands.map((command) => command.name.length));
  const lines = commands.map((command) => `  ${command.name.padEnd(width)}  ${command.summary}`);
  return [
    'Active Learning for YOLO',
    '',
    ...lines,
    '',
    'Add --help to a command to see what it takes.',
    'Sessions that came with a folder are not opened before you trust them: answer the question, or add --trust-folder once.',
    'Exit codes: 0 done, 1 failed, 2 not understood, 3 the folder is not trusted, 130 stopped on request.',
  ].join('\n');
}
