import { existsSync } from 'node:fs';
import { appendFile, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { rescanDataset } from '../../src/workflow/dataset/datasets.ts';
import { exportModel } from '../../src/workflow/models/exportModel.ts';
import { runIteration } from '../../src/workflow/iteration/runIteration.ts';
import { finishReview } from '../../src/workflow/review/finishReview.ts';
import { createSession, duplicateSession, editSession } from '../../src/workflow/session/sessions.ts';
import { makePaintedDataset, paintObjects, writeYaml } from '../support/fakePorts.ts';
import { bench, faint, labelled, reviewing, settings, source, sure, useWorkspaces } from '../support/useCaseBench.ts';

useWorkspaces();

describe('sessions', () => {
  test('typed settings are remembered as such; a duplicate has none of the iterations', async () => {
    const { ports, data } = bench();
    const { sessionId } = await reviewing();
    const edited = await editSession(ports, sessionId, { epochs: 7 });
    expect(edited).toMatchObject({ epochs: 7, typed: expect.arrayContaining(['epochs', 'imageSize']) });
    const copy = await duplicateSession(ports, sessionId, 'Second');
    expect(copy).toMatchObject({ name: 'Second', epochs: 7, datasetId: 1, currentIteration: 0 });
    expect(await ports.store.iterations.list(copy.id)).toEqual([]);
    await expect(
      createSession(ports, source(join(data, 'data.yaml')), { ...settings, name: 'X', strategy: 'best' }),
    ).rejects.toMatchObject({
      name: 'SelectionError',
    });
  });

  test('weights that are not there, and a validation set that is the training set, create no session', async () => {
    const { ports, root, data } = bench();
    const yaml = await makePaintedDataset(data, { a: labelled, b: labelled });
    const missing = join(root, 'nowhere', 'x.pt');
    await expect(createSession(ports, source(yaml), { ...settings, baseModel: missing })).rejects.toMatchObject({
      code: 'weights-missing',
      where: missing,
    });
    await appendFile(yaml, 'val: images/train\n');
    const refused = { name: 'DatasetError', code: 'validation-is-training', where: yaml };
    await expect(createSession(ports, source(yaml), settings)).rejects.toMatchObject(refused);
    expect(await ports.store.datasets.list()).toEqual([]);
    await writeYaml(data, ['red', 'green', 'blue']);
    const { session } = await createSession(ports, source(yaml), settings);
    await expect(editSession(ports, session.id, { baseModel: missing })).rejects.toMatchObject({
      code: 'weights-missing',
    });
    // The description changes before the first training: no other validation set is drawn in its place.
    await appendFile(yaml, 'val: images/train\n');
    await expect(createSession(ports, source(yaml), { ...settings, name: 'Second' })).rejects.toMatchObject(refused);
    await expect(runIteration(ports, session.id)).rejects.toMatchObject(refused);
    expect((await ports.store.sessions.list()).map(({ name }) => name)).toEqual(['Spots']);
    expect(await ports.store.datasets.latestRevision(1)).toBeNull();
  });

  test('nothing is exported but what a run of this workspace made, as it was then', async () => {
    const { ports, root } = bench();
    const { sessionId } = await reviewing();
    const version = (await ports.store.models.list(sessionId)).at(-1);
    const weights = version?.weightsPath ?? '';
    const out = join(root, 'out');
    await rename(weights, join(root, 'moved.pt'));
    // A file of the user outside the runs, by a link.
    await symlink(join(root, 'moved.pt'), weights);
    await expect(exportModel(ports, sessionId, out)).rejects.toMatchObject({ code: 'model-unknown', where: weights });
    await rm(weights);
    await writeFile(weights, 'somebody else');
    await expect(exportModel(ports, sessionId, out)).rejects.toMatchObject({ code: 'model-unknown', where: weights });
    await rm(weights);
    await expect(exportModel(ports, sessionId, out)).rejects.toMatchObject({ code: 'no-model', where: weights });
    expect(existsSync(out)).toBe(false);
  });

  test('the best model is exported with its papers', async () => {
    const { ports, root } = bench();
    const { sessionId } = await reviewing();
    const { files } = await exportModel(ports, sessionId, join(root, 'out'));
    expect(files.map((file) => file.slice(root.length + 5))).toEqual([
      'Spots-v1.pt',
      'Spots-v1.onnx',
      'Spots-v1.json',
      'Spots-v1-metrics.json',
      'Spots-v1-model-card.md',
    ]);
    const metrics = JSON.parse(await readFile(files[3] ?? '', 'utf8')) as Record<string, unknown>;
    expect(metrics).toMatchObject({ classNames: ['red', 'green', 'blue'], metrics: { map50: 1 }, validationImages: 1 });
    const card = await readFile(files[4] ?? '', 'utf8');
    expect(card).toContain('Measured on 1 validation image that was never trained on and shows 1 of the 3 classes,');
    expect(card).toMatch(/^- Exported: \d{4}-\d\d-\d\d$/m);
  });

  test('a picture that changed is scored again, one that did not is not', async () => {
    const { ports, data } = bench();
    const { sessionId, iterationId, names } = await reviewing();
    await finishReview(ports, iterationId);
    const [version] = await ports.store.models.list(sessionId);
    const upToDate = () => ports.store.predictions.keys(version?.id ?? 0, 0, Number.MAX_SAFE_INTEGER);
    expect(await upToDate()).toHaveLength(3);
    await paintObjects(join(data, 'images', 'train', `${names[0]}.png`), [faint, sure]);
    await rescanDataset(ports, 1);
    expect(await upToDate()).toHaveLength(2);
  });
});
