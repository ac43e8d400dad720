// Evaluates a bundle and activates it once, under a stand-in for VS Code's API. Arguments: the bundle, the extension's
// folder. Prints one line of JSON.
import { mkdtempSync, rmSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createContext, createVscode } from './standInVscode.ts';

const [, , bundle = '', extensionFolder = ''] = process.argv;
const storage = mkdtempSync(join(tmpdir(), 'al-activation-'));
const registered = { commands: 0, views: 0, taskProviders: 0, statusItems: 0 };
const vscode = createVscode(registered);
Object.assign(globalThis, { standInVscode: vscode });
const source = Object.keys(vscode).map((name) => `export const ${name} = standInVscode.${name};`);
let modules = 0;
// VS Code resolves its API by a hook too.
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'vscode' ? { url: 'stand-in:vscode', shortCircuit: true } : next(specifier, context),
  load(url, context, next) {
    modules += 1;
    return url === 'stand-in:vscode'
      ? { format: 'module', source: source.join('\n'), shortCircuit: true }
      : next(url, context);
  },
});
const context = createContext(extensionFolder, storage);

const cpu = process.cpuUsage();
const begin = performance.now();
const extension = (await import(pathToFileURL(bundle).href)) as { activate(context: object): unknown };
const evaluated = performance.now();
const answer = extension.activate(context);
const activated = performance.now();
const { user, system } = process.cpuUsage(cpu);

const figures = {
  evaluateMs: evaluated - begin,
  activateMs: activated - evaluated,
  totalMs: activated - begin,
  cpuMs: (user + system) / 1000,
};
// An extension that returns a promise is active when it settles; what begins later is not measured.
if (answer instanceof Promise) {
  throw new Error(`${bundle} activates asynchronously; this benchmark measures synchronous activation.`);
}
console.log(JSON.stringify({ ...figures, registered, modules }));
rmSync(storage, { recursive: true, force: true });
process.exit(0);
