import type { Plugin } from 'esbuild';

export function commonJsChunks(): Plugin;
