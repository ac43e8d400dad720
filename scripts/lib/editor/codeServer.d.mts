export interface CodeServer {
  folder: string;
  version: string;
  node: string;
  server: string;
}

export const codeServerVersion: string;
export function findCodeServer(): CodeServer | null;
export function ensureCodeServer(options?: { report?: (line: string) => void }): Promise<CodeServer>;
