export function buildInputs(folder?: string): string[];
