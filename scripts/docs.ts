// Writes the generated parts of the documentation.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { settingsDocs, withGenerated } from './lib/docsTables.ts';

for (const [page, name, text] of [['settings', 'settings', settingsDocs()]] as const) {
  const file = join(import.meta.dirname, '..', 'docs', `${page}.md`);
  writeFileSync(file, withGenerated(readFileSync(file, 'utf8'), name, text));
}
