export function findChromium(): string | null;
export function ensureChromium(options?: { report?: (line: string) => void }): Promise<string>;
