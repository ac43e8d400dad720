/** Fields of package.json that only developers of the extension need. */
const ofDevelopment = ['private', 'scripts', 'dependencies', 'devDependencies', 'allowScripts'];

/** A package.json. */
export interface Manifest {
  readonly engines: Readonly<Record<string, string>>;
  readonly [name: string]: unknown;
}

/** The manifest that is shipped: what development alone needs is left out, everything else stays. */
export function shippedManifest(manifest: Manifest): Record<string, unknown> {
  const kept = Object.entries(manifest).filter(([name]) => !ofDevelopment.includes(name));
  return { ...Object.fromEntries(kept), engines: { vscode: manifest.engines['vscode'] } };
}
