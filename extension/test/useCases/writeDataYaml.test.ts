import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { DatasetSource } from '../../src/core/dataset/types.ts';
import { writeDataYaml } from '../../src/workflow/dataset/writeDataYaml.ts';
import { createSession } from '../../src/workflow/session/sessions.ts';
import { sessionStatus } from '../../src/workflow/session/status.ts';
import { makePaintedDataset } from '../support/fakePorts.ts';
import { bench, labelled, settings, source, unsure, useWorkspaces } from '../support/useCaseBench.ts';

useWorkspaces();

const names = ['yes', '0123', 'a "quoted" name: 1'];
const pictures = { a: labelled, b: labelled, c: labelled, d: labelled, e: labelled, unlabelled: { spots: [unsure] } };

async function folderSession() {
  const { ports, data } = bench();
  await makePaintedDataset(data, pictures);
  const folder: DatasetSource = { kind: 'folder', path: join(data, 'images'), classNames: names, poolFolders: [] };
  const { session } = await createSession(ports, folder, settings);
  return { session, folder: folder.path };
}

describe('a data.yaml for a folder of images', () => {
  test('lists the labelled images alone, keeps every class name, and is read as a dataset with the same split', async () => {
    const { ports } = bench();
    const { session, folder } = await folderSession();
    const written = await writeDataYaml(ports, session);
    expect(written).toMatchObject({ training: 4, validation: 1 });
    const lists = await Promise.all(
      ['data-train.txt', 'data-val.txt'].map((name) => readFile(join(folder, name), 'utf8')),
    );
    expect(lists.join('').trim().split('\n').toSorted()).toEqual(
      ['a', 'b', 'c', 'd', 'e'].map((name) => `./train/${name}.png`),
    );

    const read = await createSession(ports, source(written.path), { ...settings, name: 'Read' });
    expect(read.scan.problems.filter(({ severity }) => severity === 'error')).toEqual([]);
    const dataset = await ports.store.datasets.get(read.session.datasetId);
    expect(dataset?.classNames).toEqual(names);
    expect((await sessionStatus(ports, read.session.id)).labelled).toEqual({
      training: 4,
      validation: 1,
      test: 0,
      toSetAside: 0,
    });
  });

  test('is renewed, but a file of somebody else is kept', async () => {
    const { ports } = bench();
    const { session, folder } = await folderSession();
    await writeDataYaml(ports, session);
    await writeDataYaml(ports, session);
    const own = 'train: train\nnames: [crack]\n';
    await writeFile(join(folder, 'data.yaml'), own);
    await expect(writeDataYaml(ports, session)).rejects.toMatchObject({ code: 'file-exists' });
    expect(await readFile(join(folder, 'data.yaml'), 'utf8')).toBe(own);
  });

  test('is not written if the dataset has one', async () => {
    const { ports, data } = bench();
    const yaml = await makePaintedDataset(data, pictures);
    const { session } = await createSession(ports, source(yaml), settings);
    await expect(writeDataYaml(ports, session)).rejects.toMatchObject({ code: 'not-now' });
  });
});
