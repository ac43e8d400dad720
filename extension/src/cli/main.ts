import { inspect, parseArgs } from 'node:util';
import { toErrorReport } from '../core/errors.ts';
import { visibleText } from '../core/text/escapeText.ts';
import type { Command, Terminal } from './command.ts';
import { exportCommand, finishCommand, runCommand } from './commands/iterate.ts';
import { labelErrorsCommand } from './commands/labelErrors.ts';
import { loopCommand } from './commands/loop.ts';
import { parityCommand } from './commands/parity.ts';
import { applyCommand, duplicatesCommand, poolCommand, previewCommand } from './commands/pool.ts';
import { reviewCommands } from './commands/review.ts';
import { sampleCommand } from './commands/sample.ts';
import { metricsCommand, scoresCommand } from './commands/scores.ts';
import { sessionCommands } from './commands/sessions.ts';
import { validateCommand } from './commands/validate.ts';
import { UsageError } from '../workflow/operations/operation.ts';

export const commands: readonly Command[] = [
  ...sessionCommands,
  runCommand,
  ...reviewCommands,
  scoresCommand,
  poolCommand,
  previewCommand,
  applyCommand,
  metricsCommand,
  finishCommand,
  exportCommand,
  validateCommand,
  duplicatesCommand,
  labelErrorsCommand,
  loopCommand,
  parityCommand,
  sampleCommand,
];

/** What each exit code means. */
export const exitCodes: Readonly<Record<number, string>> = {
  0: 'done',
  1: 'failed, or the result is negative, such as a dataset with errors',
  2: 'the command line is invalid',
  3: 'the folder is not trusted',
  130: 'stopped on request; 129 and 143 after SIGHUP and SIGTERM, 141 if nobody reads the output',
};

/** The flag that allows what an error refused, by the code of the error. */
const allowingFlags: Readonly<Record<string, string>> = {
  'untrusted-folder': ' Add --trust-folder to do so.',
  'weights-unknown': ' To choose it, add --weights <path> to run.',
  'weights-changed': ' To choose it again, add --weights <path> to run.',
  'weights-unsafe': ' To let it run code, add --allow-unsafe-weights to run.',
};

/**
 * Runs one command. `AL_DEBUG` shows where an error comes from.
 * @returns the exit code (`exitCodes`).
 */
export async function main(args: readonly string[], output: Terminal): Promise<number> {
  // Names of classes and sessions must not control the terminal.
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
      terminal.print(command.help());
      return 0;
    }
    return await command.run(values, positionals, terminal);
  } catch (error) {
    return explain(error, terminal);
  }
}

/** Reports what failed, where, and what to do; the stack only if `AL_DEBUG` is set. @returns the exit code. */
export function explain(error: unknown, terminal: Pick<Terminal, 'note'>): number {
  const report = toErrorReport(error);
  terminal.note(`Error (${report.code}): ${report.message}`);
  if (report.where !== undefined) terminal.note(`Where: ${report.where}`);
  terminal.note(`What to do: ${report.hint}${allowingFlags[report.code] ?? ''}`);
  if (report.code === 'cancelled') return 130;
  if (report.code === 'untrusted-folder') return 3;
  if (report.code === 'usage') return 2;
  if ((process.env['AL_DEBUG'] ?? '') !== '') terminal.note(inspect(error));
  else if (report.code === 'unexpected') terminal.note('Set AL_DEBUG=1 to see the stack.');
  return 1;
}

function parse(command: Command, args: readonly string[]) {
  try {
    const options = { ...command.options(), help: { type: 'boolean' as const } };
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), command.usage());
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
    'Add --help to a command to see its flags. Every command takes --json.',
    'Sessions that came with a folder stay closed until you trust them: answer the question, or add --trust-folder once.',
    'Exit codes:',
    ...Object.entries(exitCodes).map(([code, meaning]) => `  ${code.padStart(3)}  ${meaning}`),
  ].join('\n');
}
