// Writes `contributes` of package.json and package.nls.json from the tables in extension/src/host/contributes.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './lib/paths.mjs';

const { generateManifest } = await import(join(root, 'extension/src/host/contributes/manifest.ts'));
const { contributes, texts } = generateManifest();
const file = join(root, 'package.json');
const manifest = JSON.parse(readFileSync(file, 'utf8'));
write(file, { ...manifest, contributes });
write(join(root, 'package.nls.json'), texts);
console.log(`package.json and package.nls.json: ${Object.keys(texts).length} texts`);

function write(path, value) {
  writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`);
}
