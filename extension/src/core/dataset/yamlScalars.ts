/** A scalar without quotes, as written, because parsers interpret it differently. */
export class PlainScalar {
  readonly text: string;
  /** 1-based line of the file. */
  readonly line: number;

  constructor(text: string, line: number) {
    this.text = text;
    this.line = line;
  }
}

/** Whether a value is missing: an empty value, `~`, `null`. */
export function isNothing(value: unknown): boolean {
  return value === undefined || (value instanceof PlainScalar && /^(?:~|null|Null|NULL)?$/u.test(value.text));
}

/** The text of a scalar as written, `null` for a list or a map. */
export function textOf(value: unknown): string | null {
  if (value instanceof PlainScalar) return value.text;
  return typeof value === 'string' ? value : null;
}

/** A value for a message: short, and without control characters. */
export function shown(value: unknown): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(value, (_key, part: unknown) => (part instanceof PlainScalar ? typed(part.text) : part));
  } catch {
    text = 'a value that holds itself';
  }
  return shortened(text ?? 'nothing');
}

/** A text from the file for a message: in quotes and shortened. */
export function shortened(text: string): string {
  return text.length > 100 ? `${text.slice(0, 97)}…` : text;
}

/** Numbers without quotes, as written in the file. */
function typed(text: string): unknown {
  if (/^(?:~|null|Null|NULL)?$/u.test(text)) return null;
  const number = Number(text);
  return String(number) === text ? number : text;
}

const integer = /^[-+]?(?:0b[01_]+|0[0-7_]+|0|[1-9][0-9_]*|0x[0-9a-fA-F_]+|[1-9][0-9_]*(?::[0-5]?[0-9])+)$/u;
const float =
  /^(?:[-+]?(?:[0-9][0-9_]*)\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*)$/u;
const special = /^(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/u;
const date =
  /^\d{4}-(?:\d\d-\d\d$|\d\d?-\d\d?(?:[Tt]|[ \t]+)\d\d?:\d\d:\d\d(?:\.\d*)?(?:[ \t]*(?:Z|[-+]\d\d?(?::\d\d)?))?$)/u;
const words: Readonly<Record<string, string>> = {
  yes: 'True',
  true: 'True',
  on: 'True',
  no: 'False',
  false: 'False',
  off: 'False',
  null: 'None',
  '~': 'None',
  '': 'None',
};

/**
 * What PyYAML, and so Ultralytics, makes of a scalar without quotes, as Python's `str()` writes it: `0123` is 83, `yes`
 * is True. `null` if it stays text.
 */
export function pythonReading(text: string): string | null {
  const word = words[text.toLowerCase()];
  const cased = /^(?:[a-z~]*|[A-Z][a-z]*|[A-Z]*)$/u.test(text);
  if (word !== undefined && cased) return word;
  if (integer.test(text)) return String(integerOf(text.replaceAll('_', '')));
  if (float.test(text)) return floatOf(text.replaceAll('_', ''));
  if (special.test(text)) return text.toLowerCase().replace('.', '').replace('+', '');
  if (date.test(text)) return 'a date';
  if (text === '=' || text === '<<') return 'a YAML sign';
  return null;
}

function integerOf(text: string): bigint | string {
  const sign = text.startsWith('-') ? -1n : 1n;
  const digits = text.replace(/^[-+]/u, '');
  try {
    if (digits.includes(':')) return sign * sexagesimal(digits);
    return sign * BigInt(/^0[0-7]+$/u.test(digits) ? `0o${digits.slice(1)}` : digits);
  } catch {
    return 'an error';
  }
}

function sexagesimal(text: string): bigint {
  return text.split(':').reduce((sum, part) => sum * 60n + BigInt(part), 0n);
}

function floatOf(text: string): string {
  if (text.includes(':')) return 'a number';
  const number = Number(text);
  if (Number.isNaN(number)) return 'a number';
  if (Number.isInteger(number) && Math.abs(number) < 1e16) return `${Object.is(number, -0) ? '-0' : number}.0`;
  const size = Math.abs(number);
  return size >= 1e-4 && size < 1e16 ? String(number) : 'a number';
}
