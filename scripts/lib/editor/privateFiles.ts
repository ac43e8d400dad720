import { appendFileSync, chmodSync, mkdirSync, writeFileSync } from 'node:fs';

/** Makes a folder that its owner alone can enter, or makes it so; Windows keeps it in the owner's profile instead. */
export function ensurePrivateFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
}

/** VS Code's server prints the address that lets its person in. */
const secret = /([?&]tkn=)[^\s&#"']+/g;

/** One stream of the server. Lines of two streams do not mix. */
interface PrivateLogStream {
  /** Takes printed text. @returns the lines that are complete now, as the log has them. */
  write(chunk: string): string;
  /** Takes a last line without an end. */
  end(): string;
}

interface PrivateLog {
  stream(): PrivateLogStream;
}

/**
 * Begins a log that its owner alone can read, without the keys of servers.
 * Only whole lines are taken: what comes in pieces could hold a key that no piece shows.
 */
export function beginPrivateLog(file: string): PrivateLog {
  writeFileSync(file, '', { mode: 0o600 });
  // One that was there keeps its mode otherwise.
  chmodSync(file, 0o600);
  const keep = (text: string): string => {
    const clean = text.replaceAll(secret, '$1…');
    if (clean !== '') appendFileSync(file, clean);
    return clean;
  };
  return {
    stream() {
      let rest = '';
      return {
        write(chunk) {
          const text = rest + chunk;
          const end = text.lastIndexOf('\n') + 1;
          rest = text.slice(end);
          return keep(text.slice(0, end));
        },
        end() {
          const last = rest;
          rest = '';
          return keep(last);
        },
      };
    },
  };
}
