// Writes the generated parts of the documentation.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandDocs, exitCodeDocs, operationDocs } from './lib/commandDocs.ts';
import { settingsDocs, withGenerated } from './lib/docsTables.ts';

const parts: readonly (readonly [page: string, name: string, text: string])[] = [
  ['settings', 'settings', settingsDocs()],
  ['cli', 'exit codes', exitCodeDocs()],
  ['cli', 'operations', operationDocs()],
  ['cli', 'commands', commandDocs()],
];

for (const [page, name, text] of parts) {
  const file = join(import.meta.dirname, '..', 'docs', `${page}.md`);
  writeFileSync(file, withGenerated(readFileSync(file, 'utf8'), name, text));
}
