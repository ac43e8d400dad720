import { chmodSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** Answers what is asked of a Python: which one it is, what it can train with, and to make an environment. */
const program = `#!/bin/sh
PATH=/usr/bin:/bin
case "$*" in
  *json.dumps*) printf '{"version":[3,11,4],"executable":"%s"}\\n' "$0" ;;
  *"sys.executable)"*) echo "3.11 $0" ;;
  *--check*) cat "$0.check" || exit 1; grep -q missing "$0.check" && exit 3 ;;
  *"-m venv"*) mkdir -p "$4/bin" && cp "$0" "$4/bin/python" && cp "$0.check" "$4/bin/python.check" ;;
esac
exit 0
`;

/** A Python that is no more than a script. */
export interface FakePython {
  readonly path: string;
  /** It trains with these packages. */
  works(packages?: Readonly<Record<string, string>>): void;
  /** It lacks what training needs. */
  lacks(...packages: readonly string[]): void;
  /** It is there, and does not run. */
  breaks(): void;
}

/** Puts one at a path; it works. Needs a system with sh. */
export function makeFakePython(path: string): FakePython {
  if (existsSync(path)) throw new Error(`${path} is there already.`);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, program);
  chmodSync(path, 0o755);
  const answer = (value: unknown): void => writeFileSync(`${path}.check`, `${JSON.stringify(value)}\n`);
  const works = (packages: Readonly<Record<string, string>> = {}): void =>
    answer({ pythonVersion: '3.11.4', packages, devices: ['cpu'] });
  works();
  return {
    path,
    works,
    lacks: (...packages) => answer({ pythonVersion: '3.11.4', packages: {}, devices: [], missing: packages }),
    breaks: () => rmSync(`${path}.check`),
  };
}
