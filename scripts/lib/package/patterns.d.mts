export function toRegExp(pattern: string): RegExp;
export function filesBelow(folder: string): string[];
export function selectFiles(folder: string, patterns: readonly string[], what: string): string[];
