import { execa } from 'execa';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..', '..');

/** The command line from source, in a process of its own. */
export function al(workspace: string, ...args: readonly string[]) {
  const [command = '', ...rest] = args;
  return execa(process.execPath, [join(root, 'extension', 'src', 'cli', 'entry.ts'), command, ...rest], {
    cwd: workspace,
    reject: false,
    all: true,
    env: { NODE_NO_WARNINGS: '1' },
  });
}

/** Runs a command that must succeed and gives its JSON. */
export async function alJson<T>(workspace: string, ...args: readonly string[]): Promise<T> {
  const result = await al(workspace, ...args, '--json');
  if (result.exitCode !== 0) throw new Error(result.all);
  return JSON.parse(String(result.stdout)) as T;
}
