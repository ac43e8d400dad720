/**
 * What a schema says of a value, in words: "is missing" instead of "Invalid input: expected number, received undefined".
 * @param message of an issue of the schema library; one of our own stays as it is.
 */
export function schemaIssue(message: string): string {
  const expected = /^Invalid input: expected (.+?)(?:, received (\w+))?$/u.exec(message);
  if (expected !== null) return expected[2] === 'undefined' ? 'is missing' : `must be ${named(expected[1] ?? '')}`;
  const option = /^Invalid option: expected one of (.+)$/u.exec(message);
  if (option !== null) return `must be one of ${(option[1] ?? '').replaceAll('|', ', ')}`;
  const bound = /^Too (?:small|big): expected (\w+) to (?:be|have) (.+)$/u.exec(message);
  return bound === null ? message : `must be ${named(bound[1] ?? '')} ${bound[2]}`;
}

const names: Readonly<Record<string, string>> = {
  array: 'a list',
  boolean: 'true or false',
  int: 'a whole number',
  number: 'a number',
  object: 'an object',
  record: 'an object',
  string: 'text',
};

function named(type: string): string {
  return names[type] ?? type;
}
