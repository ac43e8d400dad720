import * as z from 'zod';
import { SettingsError } from '../core/session/errors.ts';
import { sessionSettings } from '../core/session/sessionSettings.ts';
import { isSettingName } from '../core/session/settings.ts';
import type { SettingTable } from '../core/session/setting.ts';
import type { SettingName } from '../core/session/types.ts';
import type { Operation } from '../workflow/operations/operation.ts';
import type { Ports, RunOptions } from '../workflow/ports/ports.ts';
import type { Command, FlagHelp, Flags, JsonSchema, Terminal } from './command.ts';
import { flagHelp, inputFlags, invalidFlag, parseOptions, readInput, type FlagNames } from './inputFlags.ts';
import { settingList, settingOptions, settingsFrom } from './settingFlags.ts';

/** A flag of the command line alone: the operation does not know it. */
export interface LocalFlag extends FlagHelp {
  readonly name: string;
  readonly type: 'string' | 'boolean';
}

/** Opens what an operation needs, does the work, and closes it. */
export interface Environment<Needs> {
  readonly flags: readonly LocalFlag[];
  use(flags: Flags, terminal: Terminal, work: (needs: Needs, options: RunOptions) => Promise<number>): Promise<number>;
}

export interface CommandDefinition<Input, Output, Needs> extends FlagNames {
  readonly name: string;
  readonly operation: Operation<Input, Output, Needs>;
  readonly environment: Environment<Needs>;
  /** Further flags of settings. */
  readonly settingAliases?: Readonly<Partial<Record<SettingName, string>>>;
  readonly localFlags?: readonly LocalFlag[];
  /** Completes or changes the input, such as by reading a file that a flag names. */
  readonly prepare?: (
    input: Readonly<Record<string, unknown>>,
    flags: Flags,
  ) => Promise<Readonly<Record<string, unknown>>>;
  /** Fields that `prepare` adds: they have no flag. */
  readonly prepared?: readonly string[];
  /** The result in words, for standard output. */
  text(output: Output): string;
  /** What the user should know beside the result, for standard error. */
  readonly notes?: (output: Output, input: Input) => readonly string[];
  readonly finish?: (output: Output, flags: Flags) => Promise<void>;
  /** 0 by default. */
  readonly exitCode?: (output: Output) => 0 | 1;
}

const jsonFlag: LocalFlag = { name: 'json', type: 'boolean', flag: '--json', help: 'Print the result as JSON' };

/** A command whose flags, help and JSON output follow from its operation. */
export function defineCommand<Input, Output, Needs = Ports>(
  definition: CommandDefinition<Input, Output, Needs>,
): Command {
  const { name, operation, environment, settingAliases = {}, localFlags = [], prepared = [] } = definition;
  let schema: JsonSchema | undefined;
  /** Converted when first used: only one command runs. */
  const inputSchema = (): JsonSchema =>
    (schema ??= z.toJSONSchema(operation.input, { io: 'input', unrepresentable: 'any' }) as JsonSchema);
  const flagsOf = (input: JsonSchema) => inputFlags(input, definition).filter(({ field }) => !prepared.includes(field));
  const locals = [...localFlags, ...environment.flags, jsonFlag];

  const usage = (): string => {
    const flags = flagsOf(inputSchema());
    const required = flags.filter(({ isRequired }) => isRequired).map((flag) => flagHelp(flag).flag);
    return [name, ...required, '[flags]'].join(' ');
  };
  const flagsHelp = (): readonly FlagHelp[] => [...flagsOf(inputSchema()).map(flagHelp), ...locals];

  return {
    name,
    summary: operation.title,
    operation: operation.id,
    usage,
    flags: flagsHelp,
    output: () => z.toJSONSchema(operation.output, { unrepresentable: 'any' }) as JsonSchema,
    help: () => {
      const settings = settingTable(inputSchema());
      const flags = flagsHelp();
      const width = Math.max(...flags.map(({ flag }) => flag.length));
      return [
        usage(),
        operation.title,
        '',
        'Flags:',
        ...flags.map(({ flag, help }) => `  ${flag.padEnd(width)}  ${help}`),
        ...(Object.keys(settings).length > 0 ? ['', settingList(settings)] : []),
      ].join('\n');
    },
    options: () => {
      const input = inputSchema();
      return {
        ...parseOptions(flagsOf(input)),
        ...settingOptions(settingTable(input)),
        ...Object.fromEntries(Object.values(settingAliases).map((flag) => [flag, { type: 'string' as const }])),
        ...Object.fromEntries(locals.map(({ name: flag, type }) => [flag, { type }])),
      };
    },
    async run(flags, positionals, terminal) {
      const input = inputSchema();
      const known = flagsOf(input);
      const settings = settingsOf(input);
      const given = {
        ...readInput(known, flags, positionals),
        ...(settings.length > 0 ? { settings: settingsFrom(flags, settings, settingAliases) } : {}),
      };
      const parsed = operation.input.safeParse((await definition.prepare?.(given, flags)) ?? given);
      if (!parsed.success) {
        const [issue] = parsed.error.issues;
        const flag = known.find(({ field }) => field === issue?.path[0]);
        throw flag === undefined ? parsed.error : invalidFlag(flag, flags, issue?.message ?? '');
      }
      return environment.use(flags, terminal, async (needs, options) => {
        const output = await operation.run(needs, parsed.data, options).catch((error: unknown) => {
          throw withFlagNames(error);
        });
        await definition.finish?.(output, flags);
        for (const note of definition.notes?.(output, parsed.data) ?? []) terminal.note(note);
        if (flags['json'] === true) terminal.print(JSON.stringify(output));
        else for (const line of definition.text(output).split('\n')) terminal.print(line);
        return definition.exitCode?.(output) ?? 0;
      });
    },
  };
}

/** The settings that an input takes. */
function settingsOf(schema: JsonSchema): readonly SettingName[] {
  return Object.keys(schema.properties?.['settings']?.properties ?? {}).filter(isSettingName);
}

function settingTable(schema: JsonSchema): SettingTable {
  return Object.fromEntries(settingsOf(schema).map((setting) => [setting, sessionSettings[setting]]));
}

/** An operation names settings by their keys; on the command line they are flags. */
function withFlagNames(error: unknown): unknown {
  if (!(error instanceof SettingsError)) return error;
  return new SettingsError(
    error.problems.map(({ field, message }) => ({
      field: isSettingName(field) ? `--${sessionSettings[field].flag}` : field,
      message,
    })),
  );
}
