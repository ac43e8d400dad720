import type { BuildOptions } from 'esbuild';

export const entries: Readonly<Record<string, string>>;
export const external: readonly string[];
export function nodeBuild(): BuildOptions;
export function extensionBuild(): BuildOptions;
export function builds(): BuildOptions[];
export function isBuilt(): boolean;
export function buildAll(): Promise<void>;
