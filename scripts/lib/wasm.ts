import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import wabt from 'wabt';
import { root } from '../begin/paths.mjs';

/** A module of the product in the text format of WebAssembly, and the TypeScript file that holds it compiled. */
export interface WasmSource {
  /** Path of the text, relative to the checkout. */
  readonly text: string;
  readonly compiled: string;
}

export function wasmSources(): WasmSource[] {
  const texts = globSync('extension/src/**/*.wat', { cwd: root }).toSorted();
  return texts.map((text) => ({ text, compiled: text.replace(/\.wat$/, 'Wasm.ts') }));
}

/**
 * Compiles a text to a TypeScript module, which Node, a bundler and a test read without a loader.
 * @throws Error with the line of a mistake in the text.
 */
export async function compileWasm({ text, compiled }: WasmSource): Promise<string> {
  const { parseWat } = await wabt();
  const module = parseWat(text, readFileSync(join(root, text), 'utf8'), { simd: true });
  try {
    module.validate();
    const bytes = Buffer.from(module.toBinary({}).buffer).toString('base64');
    return `/** ${basename(text)}, compiled by "npm run wasm". */\nexport const ${basename(compiled, '.ts')} =\n  '${bytes}';\n`;
  } finally {
    module.destroy();
  }
}
