import type { Command, JsonSchema } from '../../extension/src/cli/command.ts';
import { commands, exitCodes } from '../../extension/src/cli/main.ts';
import { operations } from '../../extension/src/workflow/operations/operations.ts';
import { markdownTable } from './docsTables.ts';

/** The section of each command in docs/cli.md. */
export function commandDocs(): string {
  return commands.map(commandSection).join('\n\n');
}

/** The table of operations in docs/cli.md. */
export function operationDocs(): string {
  const rows = operations.map(({ id, title, effect }) => {
    const command = commands.find(({ operation }) => operation === id);
    return [`\`${id}\``, effect, command === undefined ? '' : `[\`${command.name}\`](#${command.name})`, `${title}.`];
  });
  return markdownTable(['operation', 'effect', 'command', 'what it does'], rows);
}

export function exitCodeDocs(): string {
  return markdownTable(
    ['exit code', 'meaning'],
    Object.entries(exitCodes).map(([code, meaning]) => [code, meaning]),
  );
}

function commandSection(command: Command): string {
  const flags = command.flags().map(({ flag, help }) => [`\`${flag}\``, `${help}.`]);
  const takesSettings = command.help().includes('\nSettings:\n');
  return [
    `### ${command.name}`,
    `\`${command.usage()}\``,
    `${command.summary}.`,
    markdownTable(['flag', 'meaning'], flags),
    ...(takesSettings && command.name !== 'settings' ? ['It also takes [settings](settings.md) as flags.'] : []),
    outputDocs(command.output()),
  ].join('\n\n');
}

function outputDocs(schema: JsonSchema): string {
  const element = schema.type === 'array' ? (schema.items ?? {}) : schema;
  const fields = Object.entries(element.properties ?? {});
  const kind = schema.type === 'array' ? 'an array' : 'an object';
  if (fields.length === 0) {
    return `\`--json\` prints ${schema.type === 'array' ? `an array: ${typeName(element)}` : kind}. ${schema.description ?? ''}`.trim();
  }
  const rows = fields.map(([name, field]) => [`\`${name}\``, typeName(field), field.description ?? '']);
  const of = schema.type === 'array' ? `${kind} of objects` : kind;
  return `\`--json\` prints ${of}:\n\n${markdownTable(['field', 'type', 'meaning'], rows)}`;
}

function typeName(schema: JsonSchema): string {
  if (schema.anyOf !== undefined) return [...new Set(schema.anyOf.map(typeName))].join(' or ');
  if (schema.enum !== undefined) return schema.enum.map((word) => `\`${word}\``).join(', ');
  if (schema.type === 'array') return `array: ${typeName(schema.items ?? {})}`;
  return [schema.type ?? 'any'].flat().join(' or ');
}
