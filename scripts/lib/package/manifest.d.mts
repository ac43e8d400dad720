export function shippedManifest(manifest: {
  readonly engines: Readonly<Record<string, string>>;
  readonly [name: string]: unknown;
}): Record<string, unknown>;
