// Stands in for the extension host: reads a dataset as its commands do.
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { openWorkspace } from '../../extension/src/composition/workspace.ts';
import { mapLimit } from '../../extension/src/core/concurrency.ts';
import { runInBackground } from '../../extension/src/workflow/iteration/runInBackground.ts';
import { rescanDataset } from '../../extension/src/workflow/dataset/datasets.ts';
import type { DatasetFiles } from '../../extension/src/workflow/ports/datasetFiles.ts';
import { createSession } from '../../extension/src/workflow/session/sessions.ts';
import { HostMeter } from '../memory/hostMeter.ts';

const [way = '', yaml = '', folder = ''] = process.argv.slice(2);
const meter = new HostMeter();

/** Creates a session, rescans, and validates. */
async function readDataset(): Promise<void> {
  const { ports: product, close } = await openWorkspace({ folder, background: way !== 'in-process' });
  const ports = way === 'in-process' ? { ...product, datasetFiles: await filesOfThisProcess() } : product;
  const source = { kind: 'yaml', path: yaml, poolFolders: [] } as const;
  const { scan } = await meter.step('create', () => createSession(ports, source, { name: 'Measured' }));
  await meter.step('rescan', () => rescanDataset(ports, scan.dataset.id));
  await meter.step('validate', () => runInBackground(ports, 'validateDataset', [source]));
  await close();
}

async function filesOfThisProcess(): Promise<DatasetFiles> {
  const { createDatasetFiles } = await import('../../extension/src/adapters/files/listing/datasetFiles.ts');
  return createDatasetFiles();
}

/** Decodes the files of the dataset and nothing else. */
async function decodePlainly(): Promise<void> {
  const { default: sharp } = await import('sharp');
  const images = join(dirname(yaml), 'images');
  for (const part of await readdir(images)) {
    await mapLimit(await readdir(join(images, part)), 4, async (name) => {
      await sharp(await readFile(join(images, part, name)))
        .raw()
        .toBuffer();
    });
  }
}

await (way === 'plain' ? meter.step('decode', decodePlainly) : readDataset());
await meter.end();
