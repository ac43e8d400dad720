export interface ZipEntry {
  readonly name: string;
  readonly compressed: number;
  readonly size: number;
}
export function readZip(path: string): { readonly entries: readonly ZipEntry[] };
export function unzip(path: string, folder: string): void;
