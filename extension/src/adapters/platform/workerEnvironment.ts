/**
 * Variables that would change what a forked Node does: the editor's own wiring (`VSCODE_*`, `ELECTRON_*`), options and
 * preloads meant for the parent, and the parent's own IPC channel.
 */
const unwanted = /^(VSCODE_|ELECTRON_|NODE_OPTIONS$|NODE_REPL_EXTERNAL_MODULE$|NODE_CHANNEL_)/i;

const MEGABYTE = 1024 * 1024;

/**
 * glibc gives large blocks back to the system at once, and an image's pixels are one: every image would fault its pages
 * in again, about 3 % of a worker's time. With these it keeps them, up to a few photographs' worth. Others ignore them.
 */
const keepPixelMemory = {
  MALLOC_MMAP_THRESHOLD_: String(64 * MEGABYTE),
  MALLOC_TRIM_THRESHOLD_: String(128 * MEGABYTE),
};

/** The environment of a worker: the parent's without the editor's own variables; Electron runs as plain Node. */
export function workerEnvironment(parent: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(parent).filter(([name]) => !unwanted.test(name));
  return { ...keepPixelMemory, ...Object.fromEntries(kept), ELECTRON_RUN_AS_NODE: '1' };
}
