/** A name that is still free: the wanted one, or the wanted one with the lowest free number. */
export function freeName(wanted: string, taken: readonly string[]): string {
  const used = new Set(taken);
  if (!used.has(wanted)) return wanted;
  const base = wanted.replace(/ \d+$/, '');
  for (let number = 2; ; number++) {
    const name = `${base} ${number}`;
    if (!used.has(name)) return name;
  }
}

/** The name of a session after its dataset: the folder of the data.yaml, or the image folder. */
export function nameFromPath(path: string): string {
  const parts = path.split(/[\\/]/).filter((part) => part !== '');
  const last = parts.at(-1) ?? '';
  const folder = /\.ya?ml$/i.test(last) ? (parts.at(-2) ?? last) : last;
  const words = folder.replace(/[-_]+/g, ' ').trim();
  return words === '' ? 'Session' : words.charAt(0).toUpperCase() + words.slice(1);
}
