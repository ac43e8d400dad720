export interface Stamp {
  isFresh(): boolean;
  clear(): void;
  set(): void;
}

export function installInputs(manifest: string): string;
export function stamp(file: string, texts: readonly string[]): Stamp;
