import type { BuildOptions } from 'esbuild';

export const external: readonly string[];
export function nodeBuild(): BuildOptions;
export function extensionBuild(): BuildOptions;
export function builds(): BuildOptions[];
export function buildAll(): Promise<void>;
export function ensureBuilt(): Promise<void>;
