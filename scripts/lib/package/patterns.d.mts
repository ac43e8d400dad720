export function toRegExp(pattern: string): RegExp;
export function selectFiles(folder: string, patterns: readonly string[], what: string): string[];
