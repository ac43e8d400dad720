import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { scoreId } from '../../core/session/sessionSettings.ts';
import { makePrivateFolder, privateFile } from '../platform/privateFiles.ts';
import { PluginError } from './pluginError.ts';

export interface NewPlugin {
  readonly id: string;
  /** The folder of the plug-ins; created if missing. */
  readonly folder: string;
  /** The folder with the product's example and types. */
  readonly examples: string;
}

/**
 * Creates a score plug-in: the example with its own name and id, and the types next to it. Never changes existing files.
 * @returns the path of the new file.
 * @throws PluginError `id-invalid`, `file-exists`.
 */
export async function newPlugin({ id, folder, examples }: NewPlugin): Promise<string> {
  if (!scoreId.test(id)) {
    const hint = 'Use lower-case letters, digits and hyphens, at most 64, beginning with a letter, such as cut-off.';
    throw new PluginError('id-invalid', `"${id}" is not a valid score id.`, hint);
  }
  await makePrivateFolder(dirname(folder), folder);
  const example = await readFile(join(examples, 'example.mjs'), 'utf8');
  const file = join(folder, `${id}.mjs`);
  try {
    await writeFile(file, example.replace("id: 'cut-off'", `id: '${id}'`), { flag: 'wx', mode: privateFile });
  } catch (error) {
    if (!isThere(error)) throw error;
    throw new PluginError('file-exists', `${file} is there already.`, 'Choose another id, or change that file.', {
      where: file,
    });
  }
  // Keep existing types: other plug-ins may depend on them.
  const types = await readFile(join(examples, 'metric.d.ts'));
  await writeFile(join(folder, 'metric.d.ts'), types, { flag: 'wx', mode: privateFile }).catch((error: unknown) => {
    if (!isThere(error)) throw error;
  });
  return file;
}

function isThere(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EEXIST';
}
