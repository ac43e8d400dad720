// Exports the texts of the extension to l10n/bundle.l10n.json, which translations start from. With --check it only
// reports whether the file is up to date.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { l10nBundle } from './lib/l10nBundle.ts';
import { root } from './begin/paths.mjs';
import { fail } from './begin/shell.mjs';

const file = join(root, 'l10n', 'bundle.l10n.json');
const bundle = await l10nBundle();
const text = `${JSON.stringify(bundle, null, 2)}\n`;
if (process.argv.includes('--check')) {
  const now = existsSync(file) ? readFileSync(file, 'utf8') : '';
  if (now !== text) fail('l10n/bundle.l10n.json is out of date.', 'Run "npm run l10n".');
} else {
  mkdirSync(join(root, 'l10n'), { recursive: true });
  writeFileSync(file, text);
  console.log(`l10n/bundle.l10n.json: ${Object.keys(bundle).length} texts`);
}
