import * as z from 'zod';

export type SettingGroup = 'session' | 'training' | 'selection';

/** One value that a setting can have. */
export interface SettingChoice {
  readonly value: string | boolean;
  /** English; the editor translates it. Without one, the value itself is shown. */
  readonly title?: string;
  readonly help?: string;
}

/**
 * A setting of a session. The list in the editor, the flags of the command line, the stored row, the table in
 * docs/settings.md and the JSON Schema are derived from it. Titles and help are English keys for the translation.
 */
export interface Setting<Value = unknown> {
  readonly title: string;
  /** One sentence without its period. */
  readonly help: string;
  readonly group: SettingGroup;
  /** The flag of the command line, without dashes. */
  readonly flag: string;
  /** The value of a new session; `undefined` if a session cannot be created without the setting. */
  readonly default: Value | undefined;
  /** A default that depends on the other settings that were given. */
  readonly defaultFrom?: {
    readonly help: string;
    value(given: Readonly<Record<string, unknown>>): Value;
  };
  /** Validates a value and trims text. The messages are sentences that begin in lower case. */
  readonly schema: z.ZodType<Value>;
  /** Validates only the type of a stored value: it may have been stored under other limits. */
  readonly stored: z.ZodType<Value>;
  /** The column of `training_sessions`. Without one, the value is part of the JSON column `settings`. */
  readonly column?: string;
  /** The usual values: all that are valid, unless `input` lets the user enter another one. */
  readonly choices?: readonly SettingChoice[];
  /** Titles of values that are hard to read as they are typed, such as an empty text. */
  readonly titles?: Readonly<Record<string, string>>;
  /** How the editor asks for a value: the last two list files and plug-ins beside the choices. */
  readonly input: 'text' | 'choices' | 'weights' | 'score';
  /** The value that a user typed, before validation. */
  parse(typed: string): unknown;
  /** The value as a user types it; `parse` reads it back. */
  format(value: Value): string;
}

export type SettingTable = Readonly<Record<string, Setting>>;

/** What the author of a setting writes in any case. */
type Common<Value> = Pick<
  Setting<Value>,
  'title' | 'help' | 'group' | 'flag' | 'column' | 'default' | 'defaultFrom' | 'titles'
>;

/** The name of the setting in error messages, such as "the seed". */
interface Named {
  readonly what: string;
}

export function textSetting(
  options: Common<string> & { readonly schema: z.ZodType<string> } & Partial<Pick<Setting, 'input' | 'choices'>>,
): Setting<string> {
  return { input: 'text', ...options, stored: z.string(), parse: (typed) => typed, format: String };
}

export function limitedText(what: string, maxLength: number): z.ZodString {
  return z
    .string({ error: `${what} must be text.` })
    .max(maxLength, `${what} must have at most ${maxLength} characters.`);
}

/** Text that must not be empty; surrounding spaces are removed. */
export function filledText(what: string, maxLength: number): z.ZodString {
  return limitedText(what, maxLength)
    .trim()
    .min(1, `${what} must not be empty.`)
    .refine((value) => !value.includes('\0'), `${what} must not contain a NUL character.`);
}

/** A number from `min` to `max`, both included unless `above` excludes `min`. */
export function numberSetting(
  options: Common<number> &
    Named & {
      readonly kind: 'whole' | 'any';
      readonly min: number;
      readonly max: number;
      readonly above?: true;
    },
  check: (number: z.ZodNumber) => z.ZodType<number> = (number) => number,
): Setting<number> {
  const { what, kind, min, max, above, ...common } = options;
  const range = above === true ? `above ${min} and at most ${max}` : `from ${min} to ${max}`;
  const message = `${what} must be a ${kind === 'whole' ? 'whole ' : ''}number ${range}.`;
  const number = kind === 'whole' ? z.number({ error: message }).int(message) : z.number({ error: message });
  const limited = (above === true ? number.gt(min, message) : number.min(min, message)).max(max, message);
  return {
    ...common,
    input: 'text',
    schema: check(limited),
    stored: z.number(),
    parse: (typed) => parseNumber(typed.trim()),
    format: String,
  };
}

/** On or off, or two other titles. */
export function toggleSetting(
  options: Common<boolean> &
    Named & { readonly on?: Omit<SettingChoice, 'value'>; readonly off?: Omit<SettingChoice, 'value'> },
): Setting<boolean> {
  const { what, on = { title: 'On' }, off = { title: 'Off' }, ...common } = options;
  return {
    ...common,
    input: 'choices',
    choices: [
      { value: true, ...on },
      { value: false, ...off },
    ],
    schema: z.boolean({ error: `${what} must be true or false.` }),
    stored: z.boolean(),
    parse: (typed) =>
      new Map([
        ['true', true],
        ['false', false],
      ]).get(typed.trim().toLowerCase()),
    format: String,
  };
}

/** One of a few words, each with its help. */
export function choiceSetting<const Word extends string>(
  options: Common<Word> & Named & { readonly values: Readonly<Record<Word, string>> },
): Setting<Word> {
  const { what, values, ...common } = options;
  const words = Object.keys(values) as [Word, ...Word[]];
  const schema = z.enum(words, { error: `${what} must be one of ${words.join(', ')}.` });
  return {
    ...common,
    input: 'choices',
    choices: words.map((value) => ({ value, help: values[value] })),
    schema,
    stored: schema,
    parse: (typed) => typed,
    format: String,
  };
}

/** `Number('')` is 0 and `Number('0x10')` is 16: a user who typed that meant something else. */
export function parseNumber(typed: string): number {
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(typed) ? Number(typed) : Number.NaN;
}
