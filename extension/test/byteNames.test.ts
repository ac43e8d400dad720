import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createDatasetFiles } from '../src/adapters/files/listing/datasetFiles.ts';
import { createWorkspaceLabels } from '../src/adapters/labels/workspaceLabels.ts';
import { nativePath, shownPath } from '../src/adapters/platform/bytePaths.ts';
import { nodeFiles } from '../src/adapters/python/fileOps.ts';
import { writeSnapshot } from '../src/adapters/training/snapshot/snapshot.ts';
import { validateDataset } from '../src/workflow/dataset/validateDataset.ts';

const source = (folder: string) => ({ kind: 'yaml', path: join(folder, 'data.yaml'), poolFolders: [] }) as const;

function place(folder: string, ...names: readonly Buffer[]): Buffer {
  return Buffer.concat([Buffer.from(folder), ...names.flatMap((name) => [Buffer.from('/'), name])]);
}

/** A folder and images whose names are GBK, as a zip file of Chinese Windows unpacks on Linux. */
describe.runIf(process.platform === 'linux')('names that are not UTF-8', () => {
  const image = Buffer.from('\xbb\xae\xba\xdb0.png', 'latin1');
  const label = Buffer.from('\xbb\xae\xba\xdb0.txt', 'latin1');
  const row = '0 0.5 0.5 0.2 0.2\n';
  let pixels: Buffer;

  beforeAll(async () => {
    pixels = await sharp({ create: { width: 32, height: 24, channels: 3, background: '#a05020' } })
      .png()
      .toBuffer();
  });

  function dataset(): string {
    const folder = mkdtempSync(join(tmpdir(), 'al-names-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const train = Buffer.from('\xd1\xb5', 'latin1');
    for (const kind of ['images', 'labels']) {
      for (const split of [train, Buffer.from('val')])
        mkdirSync(place(folder, Buffer.from(kind), split), { recursive: true });
    }
    for (const split of [train, Buffer.from('val')]) {
      writeFileSync(place(folder, Buffer.from('images'), split, image), pixels);
      writeFileSync(place(folder, Buffer.from('labels'), split, label), row);
    }
    writeFileSync(join(folder, 'images', '\uFFFD.png'), pixels);
    writeFileSync(join(folder, 'data.yaml'), 'train: images\nval: images/val\nnames: [a]\n');
    return folder;
  }

  it('are listed, read with their labels, and reported', async () => {
    const folder = dataset();
    const ports = { datasetFiles: createDatasetFiles(), labels: createWorkspaceLabels(folder) };
    const summary = await validateDataset(ports, source(folder));
    expect(summary).toMatchObject({ images: 3, labelled: 2, validation: 1, boxes: 2, broken: 0 });
    const told = summary.problems.filter(({ code }) => code === 'name-not-utf8');
    expect(told).toHaveLength(1);
    expect(told[0]?.message).toContain('/images/val/\\xBB\\xAE\\xBA\\xDB0.png');
    expect(told[0]?.hint).toContain('convmv');
    expect(JSON.stringify(summary)).not.toContain(`${'\uFFFD'}0`);
  });

  it('get their labels written, and are linked for the trainer', async () => {
    const folder = dataset();
    const { images } = await createDatasetFiles().list(source(folder));
    const labels = createWorkspaceLabels(join(folder, 'workspace'));
    const held = images.find(({ split }) => split === 'val');
    const location = { rootPath: folder, relativePath: held?.relativePath ?? '' };
    const before = await labels.read(location);
    await labels.write(location, Buffer.from('0 0.1 0.1 0.1 0.1\n'), before?.hash ?? null);
    expect(readFileSync(place(folder, Buffer.from('labels/val'), label), 'utf8')).toBe('0 0.1 0.1 0.1 0.1\n');
    await writeSnapshot(
      nodeFiles,
      join(folder, 'run'),
      images.flatMap(({ absolutePath, split }, index) =>
        split === 'pool' || split === 'test' ? [] : [{ imageId: index + 1, absolutePath, labelText: row, split }],
      ),
      ['a'],
    );
    expect(readFileSync(join(folder, 'run/images/val/1.png'))).toEqual(pixels);
  });

  it('are opened by the trainer through the same text', async () => {
    const folder = dataset();
    const { images } = await createDatasetFiles().list(source(folder));
    const path = images.find(({ split }) => split === 'val')?.absolutePath ?? '';
    expect(shownPath(path)).toContain('\\xBB');
    const script =
      'import sys; from al_trainer.paths import native_path; print(len(open(native_path(sys.argv[1]), "rb").read()))';
    const printed = execFileSync('python3', ['-c', script, path], {
      encoding: 'utf8',
      env: { ...process.env, PYTHONPATH: join(import.meta.dirname, '../../trainer'), PYTHONUTF8: '1' },
    });
    expect(Number(printed)).toBe(readFileSync(nativePath(path)).length);
  });
});
