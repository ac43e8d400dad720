// Compiles the WebAssembly of the product from its text. Usage: npm run wasm
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './begin/paths.mjs';
import { compileWasm, wasmSources } from './lib/wasm.ts';

for (const source of wasmSources()) {
  writeFileSync(join(root, source.compiled), await compileWasm(source));
  console.log(source.compiled);
}
