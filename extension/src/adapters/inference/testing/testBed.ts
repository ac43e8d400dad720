import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll } from 'vitest';
import { createInference, type InferenceSetup, type WorkerInference } from '../onnx/createInference.ts';

/** The Python of the trainer's environment, for comparisons; may not exist. */
export const python = join(
  import.meta.dirname,
  '../../../../../trainer/.venv',
  process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python',
);

export const workerPath = join(import.meta.dirname, '..', 'onnx', 'worker.ts');

/** An inference that is closed at the end of the test file. */
export function testInference(setup: Partial<InferenceSetup> = {}): WorkerInference {
  const inference = createInference({ workerPath, ...setup });
  afterAll(() => inference.close());
  return inference;
}

/** A folder that is removed at the end of the test file. */
export function testFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'inference-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly colour: string;
}

/** Writes a PNG of one colour with rectangles on it. @returns its path. */
export async function paint(
  path: string,
  width: number,
  height: number,
  background: string,
  rectangles: readonly Rectangle[] = [],
): Promise<string> {
  const overlays = rectangles.map(({ x, y, colour, ...size }) => ({
    input: { create: { ...size, channels: 3 as const, background: colour } },
    left: x,
    top: y,
  }));
  await sharp({ create: { width, height, channels: 3, background } })
    .composite(overlays)
    .removeAlpha()
    .png()
    .toFile(path);
  return path;
}
