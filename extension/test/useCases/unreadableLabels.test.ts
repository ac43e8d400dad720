import { execFileSync } from 'node:child_process';
import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { rescanDataset } from '../../src/workflow/dataset/datasets.ts';
import { runIteration } from '../../src/workflow/iteration/runIteration.ts';
import { undoVerdict } from '../../src/workflow/review/reversals.ts';
import { submitVerdict } from '../../src/workflow/review/verdicts.ts';
import { reviewQueue } from '../../src/workflow/review/reviewQueue.ts';
import { createSession } from '../../src/workflow/session/sessions.ts';
import { validateDataset } from '../../src/workflow/dataset/validateDataset.ts';
import { makePaintedDataset, rowOf } from '../support/fakePorts.ts';
import {
  bench,
  imageName,
  labelPath,
  labelled,
  reviewing,
  settings,
  source,
  sure,
  unsure,
  useWorkspaces,
} from '../support/useCaseBench.ts';

useWorkspaces();

const kinds: Readonly<Record<string, (path: string) => Promise<unknown>>> = {
  folder: (path) => mkdir(path),
  fifo: async (path) => execFileSync('mkfifo', [path]),
  loop: (path) => symlink('loop.txt', path),
  dead: (path) => symlink('/annex/objects/x', path),
  utf16: (path) => writeFile(path, Buffer.from(`\uFEFF${rowOf(sure)}\r\n`, 'utf16le')),
  lfs: (path) => writeFile(path, 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n'),
};

async function stateOf(name: string): Promise<{ state: string; problem: string | null }> {
  const images = await bench().ports.store.images.find({ datasetId: 1 });
  const image = images.find((one) => imageName(one) === name);
  return { state: image?.state ?? '', problem: image?.problem ?? null };
}

describe.skipIf(process.platform === 'win32')('labels that cannot be read', () => {
  test('each is named and left out, and all others count and train', async () => {
    const { ports, data, training } = bench();
    const bad = Object.fromEntries(Object.keys(kinds).map((name) => [name, { spots: [unsure] }]));
    const yaml = await makePaintedDataset(data, {
      ...bad,
      a: labelled,
      b: labelled,
      c: labelled,
      free: { spots: [unsure] },
    });
    for (const [name, make] of Object.entries(kinds)) await make(labelPath(name));

    const summary = await validateDataset(ports, source(yaml));
    const count = Object.keys(kinds).length;
    expect(summary).toMatchObject({ images: count + 4, labelled: 3, unlabelled: 1, broken: count, boxes: 3 });
    const named = summary.problems.filter(({ severity, file }) => severity === 'error' && file?.endsWith('.txt'));
    expect(named.map(({ file }) => file).toSorted()).toEqual(Object.keys(kinds).map(labelPath).toSorted());
    for (const { message } of named) expect(message).not.toMatch(/[\0\uFFFD\uD800-\uDFFF]/u);

    const { session, scan } = await createSession(ports, source(yaml), settings);
    expect(scan.problems.filter(({ file }) => file?.endsWith('.txt'))).toHaveLength(count);
    for (const name of Object.keys(kinds)) expect(await stateOf(name)).toMatchObject({ state: 'broken' });
    expect((await stateOf('dead')).problem).toContain('/annex/objects/x');
    const iteration = await runIteration(ports, session.id);
    expect(training.trainings[0]?.images).toHaveLength(3);
    const samples = await ports.store.samples.list(iteration.id);
    expect(samples).toHaveLength(1);
  });

  test('an image comes back with its verdict once its label can be read', async () => {
    const { ports } = bench();
    const { samples, names } = await reviewing();
    const at = names.indexOf('pool unsure');
    await submitVerdict(ports, samples[at]?.id ?? 0, { verdict: 'rejected-unusable' });
    expect(await stateOf('pool unsure')).toEqual({ state: 'unusable', problem: null });
    await mkdir(labelPath('pool unsure'));
    await rescanDataset(ports, 1);
    expect(await stateOf('pool unsure')).toMatchObject({ state: 'broken', problem: expect.stringContaining('folder') });
    await rm(labelPath('pool unsure'), { recursive: true });
    await rescanDataset(ports, 1);
    expect(await stateOf('pool unsure')).toEqual({ state: 'unusable', problem: null });

    const text = await readFile(labelPath('a'), 'utf8');
    await rm(labelPath('a'));
    await symlink('/not/mounted', labelPath('a'));
    await rescanDataset(ports, 1);
    expect(await stateOf('a')).toMatchObject({ state: 'broken' });
    await rm(labelPath('a'));
    await writeFile(labelPath('a'), text);
    expect(await rescanDataset(ports, 1)).toMatchObject({ labelsChangedOutside: 0 });
    expect(await stateOf('a')).toEqual({ state: 'labelled', problem: null });
  });

  test('a verdict on one is refused with the reason, and so is an undo; nothing in its place is replaced', async () => {
    const { ports } = bench();
    const { sessionId, samples, names, iterationId } = await reviewing();
    const id = samples[names.indexOf('pool sure')]?.id ?? 0;
    await submitVerdict(ports, id, { verdict: 'rejected-background' });
    const path = labelPath('pool sure');
    await rm(path);
    await symlink('/not/mounted', path);
    const refused = { code: 'unreadable', message: expect.stringContaining('/not/mounted') };
    await expect(submitVerdict(ports, id, { verdict: 'rejected-background' })).rejects.toMatchObject(refused);
    await expect(undoVerdict(ports, iterationId, { overwriteOutsideEdit: true })).rejects.toMatchObject(refused);
    expect((await reviewQueue(ports, sessionId, { sampleId: id }))?.current?.sample.id).toBe(id);
    expect(await ports.labels.read({ rootPath: bench().data, relativePath: 'images/train/a.png' })).not.toBeNull();
  });

  test('boxes are never mixed into a file of another encoding', async () => {
    const { ports } = bench();
    const { samples, names } = await reviewing();
    const id = samples[names.indexOf('pool sure')]?.id ?? 0;
    const path = labelPath('pool sure');
    const bytes = Buffer.from(`\uFEFF${rowOf(sure)}\r\n`, 'utf16le');
    await writeFile(path, bytes);
    const overwrite = { overwriteOutsideEdit: true };
    await expect(submitVerdict(ports, id, { verdict: 'accepted' }, overwrite)).rejects.toMatchObject({
      code: 'label-not-text',
      message: expect.stringContaining('UTF-16'),
    });
    expect(await readFile(path)).toEqual(bytes);
  });
});

test('a row that is written several times counts once', async () => {
  const { ports, data, training } = bench();
  const row = `${rowOf(sure)}\n`;
  const yaml = await makePaintedDataset(data, {
    a: { spots: [sure], label: row.repeat(3) },
    b: labelled,
    c: labelled,
    free: { spots: [unsure] },
  });
  expect(await validateDataset(ports, source(yaml))).toMatchObject({ boxes: 3, boxesPerClass: [3, 0, 0] });
  const { session } = await createSession(ports, source(yaml), settings);
  const iteration = await runIteration(ports, session.id);
  expect(training.trainings[0]?.images.map(({ labelText }) => labelText)).toEqual([row, row, row]);
  expect(iteration.trainingBoxesCount).toBeLessThanOrEqual(3);
});
