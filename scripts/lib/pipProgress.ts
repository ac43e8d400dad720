/** How far pip is, in a few words, from all that it printed; pip counts nothing itself. */
export function pipProgress(text: string): string {
  const installing = /^Installing collected packages: (.*)$/m.exec(text);
  if (installing?.[1] !== undefined) return `installing ${installing[1].split(', ').length} packages`;
  const found = new Set([...text.matchAll(/^Collecting ([\w.-]+)/gm)].map(([, name]) => name)).size;
  const [, name, size] = [...text.matchAll(/^ *Downloading (?:\S*\/)?([\w.]+)-\S+ \(([\d.]+ [kMG]B)\)/gm)].at(-1) ?? [];
  return [found > 0 && `${found} package${found === 1 ? '' : 's'} found`, name && `downloading ${name} (${size})`]
    .filter(Boolean)
    .join(', ');
}
