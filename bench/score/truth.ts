import { existsSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import { boxesOf, parseLabelFile } from '../../extension/src/core/dataset/labelFile.ts';
import { toPixelBox } from '../../extension/src/core/detection/labelBoxes.ts';
import type { PixelBox } from '../../extension/src/core/detection/types.ts';

/** A labelled box, in pixels. */
export interface TrueBox {
  readonly classId: number;
  readonly box: PixelBox;
}

/** Reads the boxes of one image of the given size; null where it has no label file. */
export type ReadTruth = (path: string, width: number, height: number) => Promise<readonly TrueBox[] | null>;

/**
 * How the images below a folder are labelled, where the labels are of the model's own classes: YOLO rows beside a
 * `data.yaml` with the model's names, or Pascal VOC files whose names the model knows. Null where they are of other classes.
 */
export function labelsFor(folder: string, paths: readonly string[], names: readonly string[]): ReadTruth | null {
  const yaml = findDataYaml(folder);
  if (yaml !== null && sameNames(namesOf(yaml), names)) return (path, ...size) => readYolo(path, names.length, ...size);
  const annotated = paths.map(vocFile).filter(existsSync);
  const known =
    annotated.length > 0 && annotated.every((file) => vocObjects(file).every(({ name }) => names.includes(name)));
  return known ? (path) => Promise.resolve(readVoc(path, names)) : null;
}

/** In the folder or in one of the two above it, as `images/train` lies below its dataset. */
function findDataYaml(folder: string): string | null {
  const places = [folder, dirname(folder), dirname(dirname(folder))].map((place) => join(place, 'data.yaml'));
  return places.find(existsSync) ?? null;
}

function namesOf(yaml: string): readonly unknown[] {
  const names: unknown = (parse(readFileSync(yaml, 'utf8')) as { names?: unknown } | null)?.names;
  if (Array.isArray(names)) return names;
  return typeof names === 'object' && names !== null ? Object.values(names) : [];
}

function sameNames(found: readonly unknown[], names: readonly string[]): boolean {
  return found.length === names.length && found.every((name, id) => name === names[id]);
}

function beside(path: string, folder: string, extension: string): string {
  const at = path.lastIndexOf('/images/');
  const moved = at < 0 ? path : `${path.slice(0, at)}/${folder}/${path.slice(at + '/images/'.length)}`;
  return moved.replace(/\.[^.]+$/, extension);
}

async function readYolo(path: string, classCount: number, width: number, height: number): Promise<TrueBox[] | null> {
  const file = beside(path, 'labels', '.txt');
  if (!existsSync(file)) return null;
  const rows = boxesOf(parseLabelFile(await readFile(file, 'utf8'), { classCount }));
  return rows.map((row) => ({ classId: row.classId, box: toPixelBox(row, width, height) }));
}

const vocFile = (path: string): string => beside(path, 'annotations', '.xml');

function readVoc(path: string, names: readonly string[]): TrueBox[] | null {
  const file = vocFile(path);
  return existsSync(file) ? vocObjects(file).map(({ name, box }) => ({ classId: names.indexOf(name), box })) : null;
}

/** The objects of a Pascal VOC file. Its pixels are counted from 1, and the last one is part of the box. */
function vocObjects(file: string): readonly { readonly name: string; readonly box: PixelBox }[] {
  const text = readFileSync(file, 'utf8');
  return [...text.matchAll(/<object>([\s\S]*?)<\/object>/g)].map(([, object = '']) => {
    const value = (tag: string): number => Number(new RegExp(`<${tag}>\\s*([-\\d.]+)`).exec(object)?.[1]);
    const name = /<name>\s*([^<]*?)\s*</.exec(object)?.[1] ?? '';
    return { name, box: { x1: value('xmin') - 1, y1: value('ymin') - 1, x2: value('xmax'), y2: value('ymax') } };
  });
}
