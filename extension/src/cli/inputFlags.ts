import { resolve } from 'node:path';
import type { ParseArgsOptionsConfig } from 'node:util';
import { parseNumber } from '../core/session/setting.ts';
import { UsageError } from '../workflow/operations/operation.ts';
import type { FlagHelp, Flags, JsonSchema } from './command.ts';

/** A field of an operation's input as a flag. */
export interface InputFlag {
  readonly field: string;
  readonly flag: string;
  /** Given as the first argument, without its flag. */
  readonly isArgument: boolean;
  readonly isRequired: boolean;
  readonly schema: JsonSchema;
}

/** How a command deviates from flags in kebab case. */
export interface FlagNames {
  readonly argument?: string | undefined;
  /** Flags of fields that have another name on the command line. */
  readonly renamed?: Readonly<Record<string, string>>;
}

/** The flags of an input, but those of its settings. */
export function inputFlags(input: JsonSchema, { argument, renamed = {} }: FlagNames): readonly InputFlag[] {
  return Object.entries(input.properties ?? {})
    .filter(([field]) => field !== 'settings')
    .map(([field, schema]) => ({
      field,
      flag: renamed[field] ?? kebabCase(field),
      isArgument: field === argument,
      isRequired: input.required?.includes(field) === true,
      schema,
    }));
}

export function parseOptions(flags: readonly InputFlag[]): ParseArgsOptionsConfig {
  return Object.fromEntries(
    flags
      .filter(({ isArgument }) => !isArgument)
      .map(({ flag, schema }) => [
        flag,
        { type: schema.type === 'boolean' ? 'boolean' : 'string', multiple: schema.type === 'array' },
      ]),
  );
}

/** The values of the flags, converted but not validated. @throws UsageError for a required one that is missing. */
export function readInput(
  flags: readonly InputFlag[],
  values: Flags,
  positionals: readonly string[],
): Readonly<Record<string, unknown>> {
  const input: Record<string, unknown> = {};
  for (const flag of flags) {
    const value = flag.isArgument ? positionals[0] : values[flag.flag];
    if (value === undefined || (flag.isRequired && value === '')) {
      if (flag.isRequired) throw new UsageError(missing(flag));
      continue;
    }
    input[flag.field] = Array.isArray(value)
      ? value.map((item) => convert(flag.schema.items, String(item)))
      : typeof value === 'string'
        ? convert(flag.schema, value)
        : value;
  }
  return input;
}

/** Why the value of a flag is invalid. */
export function invalidFlag(flag: InputFlag, values: Flags, message: string): UsageError {
  const { schema } = flag;
  if (flag.isArgument) return new UsageError(missing(flag));
  const typed = values[flag.flag];
  const not = typeof typed === 'string' ? `, not "${typed}"` : '';
  if (schema.enum !== undefined) return new UsageError(`--${flag.flag} must be ${schema.enum.join(', ')}${not}.`);
  if (schema.type === 'integer') {
    return new UsageError(`--${flag.flag} must be a whole number of at least ${schema.minimum}${not}.`);
  }
  if (schema.type === 'number')
    return new UsageError(`--${flag.flag} must be a number of at least ${schema.minimum}${not}.`);
  return new UsageError(`--${flag.flag}: ${message}${not}.`);
}

export function flagHelp({ field, flag, isArgument, isRequired, schema }: InputFlag): FlagHelp {
  const help = `${schema.description ?? schema.items?.description ?? ''}${isRequired ? ' (required)' : ''}`;
  if (isArgument) return { flag: `<${field}>`, help };
  if (schema.type === 'boolean') return { flag: `--${flag}`, help };
  return { flag: `--${flag} <${placeholder(schema)}>${schema.type === 'array' ? ' …' : ''}`, help };
}

function placeholder(schema: JsonSchema): string {
  if (schema.enum !== undefined) return schema.enum.join('|');
  if (schema.anyOf !== undefined || Array.isArray(schema.type)) return 'number or name';
  if (schema.type === 'array') return placeholder(schema.items ?? {});
  if (schema.format === 'path' || schema.format === 'weights') return 'path';
  return schema.type === 'integer' || schema.type === 'number' ? 'number' : 'text';
}

function missing({ field, flag, isArgument, schema }: InputFlag): string {
  if (!isArgument) return `--${flag} is missing.`;
  return `Which ${field}? Give its ${schema.type === 'integer' ? 'number' : 'path'}.`;
}

function convert(schema: JsonSchema | undefined, typed: string): unknown {
  if (schema?.type === 'integer' || schema?.type === 'number') return parseNumber(typed);
  // A mere name of weights is looked up by the trainer.
  if (schema?.format === 'weights') return /[\\/]/.test(typed) ? resolve(typed) : typed;
  return schema?.format === 'path' && typed !== '' ? resolve(typed) : typed;
}

function kebabCase(field: string): string {
  return field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
