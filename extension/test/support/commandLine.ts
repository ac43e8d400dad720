import { execa } from 'execa';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..', '..');

/** The built command line, in its own process. */
export function al(workspace: string, ...args: readonly string[]) {
  const [command = '', ...rest] = args;
  return execa(process.execPath, [join(root, 'dist', 'cli.js'), command, ...rest], {
    cwd: workspace,
    reject: false,
    all: true,
  });
}

/** Runs a command that must succeed and gives its JSON. */
export async function alJson<T>(workspace: string, ...args: readonly string[]): Promise<T> {
  const result = await al(workspace, ...args, '--json');
  if (result.exitCode !== 0) throw new Error(result.all);
  return JSON.parse(String(result.stdout)) as T;
}
