/** Fields of package.json that only matter where the extension is developed. */
const ofDevelopment = ['private', 'scripts', 'dependencies', 'devDependencies', 'allowScripts'];

/** The manifest that is shipped: what development alone needs is left out, everything else stays. */
export function shippedManifest(manifest) {
  const kept = Object.entries(manifest).filter(([name]) => !ofDevelopment.includes(name));
  return { ...Object.fromEntries(kept), engines: { vscode: manifest.engines.vscode } };
}
