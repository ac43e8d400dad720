/**
 * Variables that would affect a forked Node: those of the editor (`VSCODE_*`, `ELECTRON_*`), options and preloads of the
 * parent, and the parent's IPC channel.
 */
const unwanted = /^(VSCODE_|ELECTRON_|NODE_OPTIONS$|NODE_REPL_EXTERNAL_MODULE$|NODE_CHANNEL_)/i;

const MEGABYTE = 1024 * 1024;

/**
 * By default, glibc returns large blocks, such as an image's pixels, to the system immediately. Allocating them again for
 * every image takes about 3 % of a worker's time. These variables make glibc keep memory for a few photos. Other C
 * libraries ignore them.
 */
const keepPixelMemory = {
  MALLOC_MMAP_THRESHOLD_: String(64 * MEGABYTE),
  MALLOC_TRIM_THRESHOLD_: String(128 * MEGABYTE),
};

/** The environment of a worker: the parent's without the editor's variables. Makes Electron run as plain Node. */
export function workerEnvironment(parent: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(parent).filter(([name]) => !unwanted.test(name));
  return { ...keepPixelMemory, ...Object.fromEntries(kept), ELECTRON_RUN_AS_NODE: '1' };
}
