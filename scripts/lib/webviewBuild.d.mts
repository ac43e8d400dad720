import type { BuildOptions } from 'esbuild';

export const webviewEntries: Readonly<Record<string, string>>;
export function webviewBuild(entries?: Readonly<Record<string, string>>): BuildOptions;
