import { appendFileSync, chmodSync, mkdirSync, writeFileSync } from 'node:fs';

/** Makes a folder that its owner alone can enter, or makes it so; Windows keeps it in the owner's profile instead. */
export function ensurePrivateFolder(folder) {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
}

/** VS Code's server prints the address that lets its person in. */
const secret = /([?&]tkn=)[^\s&#"']+/g;

/**
 * Begins a log that its owner alone can read, without the keys of servers.
 * Only whole lines are taken: what comes in pieces could hold a key that no piece shows.
 */
export function beginPrivateLog(file) {
  writeFileSync(file, '', { mode: 0o600 });
  // One that was there keeps its mode otherwise.
  chmodSync(file, 0o600);
  const keep = (text) => {
    const clean = text.replaceAll(secret, '$1…');
    if (clean !== '') appendFileSync(file, clean);
    return clean;
  };
  return {
    /** What one stream of the server prints. Lines of two streams do not mix. */
    stream() {
      let rest = '';
      return {
        /** Takes what was printed. @returns the lines that are whole by now, as they stand in the log. */
        write(chunk) {
          const text = rest + chunk;
          const end = text.lastIndexOf('\n') + 1;
          rest = text.slice(end);
          return keep(text.slice(0, end));
        },
        /** Takes a last line that has no end. */
        end() {
          const last = rest;
          rest = '';
          return keep(last);
        },
      };
    },
  };
}
