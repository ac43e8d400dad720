import { AppError } from '../core/errors.ts';
import type { Flags } from './command.ts';

/** The command line was not understood. */
export class UsageError extends AppError<'usage'> {
  constructor(message: string, hint = 'Add --help to see what a command takes.') {
    super('usage', message, hint);
  }
}

export function textFlag(flags: Flags, name: string): string | undefined {
  const value = flags[name];
  return typeof value === 'string' ? value : undefined;
}

export function requiredFlag(flags: Flags, name: string): string {
  const value = textFlag(flags, name);
  if (value === undefined || value === '') throw new UsageError(`--${name} is missing.`);
  return value;
}

export function listFlag(flags: Flags, name: string): string[] {
  const value = flags[name];
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

export function numberFlag(flags: Flags, name: string, least: number): number | undefined {
  const text = textFlag(flags, name);
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!Number.isInteger(value) || value < least)
    throw new UsageError(`--${name} must be a whole number of at least ${least}, not "${text}".`);
  return value;
}

export function idArgument(positionals: readonly string[], what: string): number {
  const value = Number(positionals[0]);
  if (!Number.isInteger(value) || value < 1) throw new UsageError(`Which ${what}? Give its number.`);
  return value;
}
