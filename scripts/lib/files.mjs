import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Every file below a folder, as sorted POSIX paths relative to it. Links are not followed: `npm start` links the
 * checkout into its own cache, and Node's recursive listing would go round and round.
 */
export function filesBelow(folder) {
  const files = [];
  const walk = (part) => {
    for (const entry of readdirSync(join(folder, part), { withFileTypes: true })) {
      const path = part === '' ? entry.name : `${part}/${entry.name}`;
      if (entry.isDirectory()) walk(path);
      else if (entry.isFile()) files.push(path);
    }
  };
  walk('');
  return files.toSorted();
}
