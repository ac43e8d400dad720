import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { labelsFor } from './truth.ts';

function dataset(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'al truth '));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

test('YOLO rows are the truth where the dataset has the classes of the model', async () => {
  const folder = dataset({
    'data.yaml': 'names:\n  0: open\n  1: short\n',
    'labels/val/a.txt': '1 0.5 0.5 0.5 0.25\n',
  });
  const [a, b] = ['a', 'b'].map((name) => join(folder, 'images', 'val', `${name}.jpg`)) as [string, string];
  const read = labelsFor(join(folder, 'images', 'val'), [a, b], ['open', 'short']);
  expect(await read?.(a, 100, 200)).toEqual([{ classId: 1, box: { x1: 25, y1: 75, x2: 75, y2: 125 } }]);
  expect(await read?.(b, 100, 200)).toBeNull();
  expect(labelsFor(folder, [a, b], ['open', 'spur'])).toBeNull();
  expect(labelsFor(folder, [a, b], ['open', 'short', 'spur'])).toBeNull();
});

test('the names may be many', () => {
  const names = Array.from({ length: 40 }, (_, id) => `class ${id}`);
  const folder = dataset({ 'data.yaml': `names: [${names.join(', ')}]\n` });
  expect(labelsFor(folder, [join(folder, 'images', 'a.jpg')], names)).not.toBeNull();
});

const voc =
  '<annotation><size><width>650</width></size><object><name>raccoon</name><bndbox>\n<xmin>81</xmin><ymin>88</ymin>' +
  '<xmax>522</xmax><ymax>408</ymax></bndbox></object></annotation>';

test('Pascal VOC files are the truth where the model knows their names', async () => {
  const folder = dataset({ 'annotations/a.xml': voc });
  const [a, b] = ['a', 'b'].map((name) => join(folder, 'images', `${name}.jpg`)) as [string, string];
  const read = labelsFor(folder, [a, b], ['bird', 'raccoon']);
  expect(await read?.(a, 650, 417)).toEqual([{ classId: 1, box: { x1: 80, y1: 87, x2: 522, y2: 408 } }]);
  expect(await read?.(b, 650, 417)).toBeNull();
  expect(labelsFor(folder, [a, b], ['person'])).toBeNull();
});

test('without labels there is no truth to read', () => {
  const folder = dataset({});
  expect(labelsFor(folder, [join(folder, 'images', 'a.jpg')], ['person'])).toBeNull();
});
