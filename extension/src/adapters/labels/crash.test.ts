import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../core/random.ts';
import { createFileLabels } from './fileLabels.ts';
import { temporaryFolder } from './testing/labelFiles.ts';

const versions = ['0 .5 .5 .1 .1\n'.repeat(400), '1 .25 .25 .2 .2\n'.repeat(700), ''];

/** Rewrites one label file repeatedly, and prints a line when it starts. */
const writer = `
  const { createFileLabels } = await import(process.argv[1]);
  const [, , rootPath, backupFolder, texts] = process.argv;
  const labels = createFileLabels({ backupFolder });
  for (let i = 0; ; i++) {
    await labels.write({ rootPath, relativePath: 'images/a.jpg' }, Buffer.from(JSON.parse(texts)[i % 3]));
    if (i === 3) process.stdout.write('begun');
  }
`;

describe('a writer that is killed', () => {
  it('always leaves a complete old or new label file', { timeout: 60_000 }, async () => {
    const folder = temporaryFolder();
    const rootPath = join(folder, 'set');
    const backupFolder = join(folder, 'backups');
    mkdirSync(join(rootPath, 'labels'), { recursive: true });
    const labels = createFileLabels({ backupFolder });
    const random = createRandom(5);
    const module = pathToFileURL(join(import.meta.dirname, 'fileLabels.ts')).href;
    const args = ['--input-type=module', '--eval', writer, module, rootPath, backupFolder, JSON.stringify(versions)];
    for (let round = 0; round < 6; round++) {
      const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
      await once(child.stdout, 'data');
      await setTimeout(random() * 40);
      child.kill('SIGKILL');
      await once(child, 'close');
      const content = await labels.read({ rootPath, relativePath: 'images/a.jpg' });
      expect(versions).toContain(content?.text);
    }
    // A kill may leave a hidden temporary file. The file of a live process must stay until it is renamed.
    const live = `.al-${process.pid}-0123456789ab.tmp`;
    writeFileSync(join(rootPath, 'labels', live), '');
    writeFileSync(join(rootPath, 'labels', `.al-${2 ** 22 + 1}-0123456789ab.tmp`), '');
    await labels.tidy({ rootPath, relativePath: 'images/a.jpg' });
    expect(readdirSync(join(rootPath, 'labels')).toSorted()).toEqual([live, 'a.txt']);
    // The file was new, so nothing is backed up.
    expect(readFileSync(join(backupFolder, 'manifest.jsonl'), 'utf8').match(/"backup":null/g)).toHaveLength(1);
  });
});
