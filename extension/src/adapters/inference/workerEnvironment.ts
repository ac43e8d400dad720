/**
 * Variables that would change what a forked Node does: the editor's own wiring (`VSCODE_*`, `ELECTRON_*`), options and
 * preloads meant for the parent, and the parent's own IPC channel.
 */
const unwanted = /^(VSCODE_|ELECTRON_|NODE_OPTIONS$|NODE_REPL_EXTERNAL_MODULE$|NODE_CHANNEL_)/i;

/** The environment of a worker: the parent's without the editor's wiring, and Electron told to be plain Node. */
export function workerEnvironment(parent: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(parent).filter(([name]) => !unwanted.test(name));
  return { ...Object.fromEntries(kept), ELECTRON_RUN_AS_NODE: '1' };
}
