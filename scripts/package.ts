// Packs the extension into a VSIX for one platform.
// Usage: npm run package -- [--target linux-x64|linux-arm64|win32-x64|win32-arm64|darwin-arm64] [--out <folder or .vsix>] [--pre-release]
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { PackageUnavailable } from './lib/package/fetchPackage.ts';
import { sizeTable } from './lib/package/sizeTable.ts';
import { hostTarget, refusal } from './lib/package/targets.ts';
import { packVsix } from './lib/package/vsix.ts';
import { root } from './begin/paths.mjs';
import { fail } from './begin/shell.mjs';

const usage = 'Usage: npm run package -- [--target <platform>] [--out <folder or .vsix>] [--pre-release]';

function readFlags(): { target?: string; out?: string; 'pre-release'?: boolean } {
  try {
    const { values } = parseArgs({
      options: { target: { type: 'string' }, out: { type: 'string' }, 'pre-release': { type: 'boolean' } },
    });
    return values;
  } catch (error) {
    return fail((error as Error).message, usage);
  }
}

const { target = hostTarget, out, 'pre-release': preRelease = false } = readFlags();
const refused = refusal(target);
if (refused) fail(refused, usage);
const { name, version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  name: string;
  version: string;
};
const place = resolve(process.env['INIT_CWD'] ?? process.cwd(), out ?? join(root, '.cache', 'vsix'));
const file = place.endsWith('.vsix') ? place : join(place, `${name}-${version}-${target}.vsix`);

console.log(`> Packing for ${target}`);
try {
  const { path, entries, size } = await packVsix({ target, file, preRelease });
  console.log(`\n${sizeTable(entries, size)}\n\n${path}`);
} catch (error) {
  if (error instanceof PackageUnavailable) fail(error.message);
  throw error;
}
