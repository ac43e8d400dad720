// Evaluates a bundle and activates it once, under a stand-in for VS Code's API. Arguments: the bundle, the extension's
// folder. Prints one line of JSON.
'use strict';
const { mkdtempSync, rmSync } = require('node:fs');
const Module = require('node:module');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { createContext, createVscode } = require('./standInVscode.cjs');

const [, , bundle, extensionFolder] = process.argv;
const storage = mkdtempSync(join(tmpdir(), 'al-activation-'));
const registered = { commands: 0, views: 0, taskProviders: 0, statusItems: 0 };
const vscode = createVscode(registered);
// What VS Code itself replaces: nothing else is slowed down by it.
/* oxlint-disable no-underscore-dangle */
const load = Module._load;
Module._load = (request, ...rest) => (request === 'vscode' ? vscode : load(request, ...rest));
/* oxlint-enable no-underscore-dangle */
const context = createContext(extensionFolder, storage);

const cpu = process.cpuUsage();
const begin = performance.now();
const extension = require(bundle);
const evaluated = performance.now();
const answer = extension.activate(context);
const activated = performance.now();
const { user, system } = process.cpuUsage(cpu);

const print = () => {
  const figures = {
    evaluateMs: evaluated - begin,
    activateMs: activated - evaluated,
    totalMs: activated - begin,
    cpuMs: (user + system) / 1000,
  };
  console.log(JSON.stringify({ ...figures, registered, modules: Object.keys(require.cache).length }));
  rmSync(storage, { recursive: true, force: true });
  process.exit(0);
};
// An extension that returns a promise is active when it settles; what begins later is not measured.
if (typeof answer?.then === 'function') {
  throw new Error(`${bundle} activates asynchronously; this benchmark measures synchronous activation.`);
}
print();
