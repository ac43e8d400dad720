// Writes `contributes` of package.json and package.nls.json from the tables in extension/src/host/contributes.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generateManifest } from '../extension/src/host/contributes/manifest.ts';
import { root } from './begin/paths.mjs';

const { contributes, texts } = generateManifest();
const file = join(root, 'package.json');
const manifest = JSON.parse(readFileSync(file, 'utf8')) as object;
write(file, { ...manifest, contributes });
write(join(root, 'package.nls.json'), texts);
console.log(`package.json and package.nls.json: ${Object.keys(texts).length} texts`);

function write(path: string, value: object): void {
  writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`);
}
