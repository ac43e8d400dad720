import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generateSample } from '../../../src/sample/generate.ts';

const root = join(import.meta.dirname, '..', '..', '..', '..');
const windows = process.platform === 'win32';

/** The Python that trains; what "npm test" installs. */
export const python = join(root, 'trainer', '.venv', windows ? 'Scripts/python.exe' : 'bin/python');

/**
 * Pretrained weights, so that few images and epochs teach the model something; null without AL_TEST_DATA.
 * @throws Error when AL_TEST_DATA names a folder without them.
 */
function pretrainedWeights(): string | null {
  const data = process.env['AL_TEST_DATA'] ?? '';
  if (data === '') return null;
  const weights = join(data, 'models', 'yolov8n-coco.pt');
  if (!existsSync(weights)) throw new Error(`AL_TEST_DATA is ${data}, but ${weights} is not there.`);
  return weights;
}

/** Few, so that a training takes half a minute: long enough to reload the window in the middle of it. */
export const epochs = 9;

export interface JourneyWorkspace {
  readonly folder: string;
  /** The base model as the wizard offers it. */
  readonly baseModel: string;
  /** Whether it is trained weights, and not an architecture alone. */
  readonly pretrained: boolean;
}

/**
 * Fills a folder as a user has it: the sample project with a few images, a third of them labelled, and weights beside it where
 * there are any. Without them the architecture alone is trained, which finds nothing in so little time.
 */
export async function makeJourneyWorkspace(folder: string): Promise<JourneyWorkspace> {
  // In the workspace, as a team keeps them: on a remote machine VS Code takes paths from nowhere else.
  mkdirSync(join(folder, '.vscode'));
  const settings = {
    'activeLearning.python.path': python,
  };
  await generateSample({ folder: join(folder, 'parts'), seed: 7, images: 48, labelled: 24, validation: 8 });
  const found = pretrainedWeights();
  const baseModel = found === null ? 'yolov8n.yaml' : 'yolov8n.pt';
  if (found !== null) copyFileSync(found, join(folder, baseModel));
  console.log(`The journey trains from ${found ?? `the architecture ${baseModel}, which finds nothing so soon`}.`);
  // The weights have the name of the product's default, and are found in the workspace.
  const all = found === null ? { ...settings, 'activeLearning.defaults.baseModel': baseModel } : settings;
  writeFileSync(join(folder, '.vscode', 'settings.json'), JSON.stringify(all, null, 2));
  return { folder, baseModel, pretrained: found !== null };
}

/** SHA-256 of every file of the dataset by path relative to it. */
export function fingerprint(folder: string): Map<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(
    files.map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return [path.slice(folder.length + 1), createHash('sha256').update(readFileSync(path)).digest('hex')];
    }),
  );
}

/** The paths that differ between two fingerprints, sorted. */
export function changedFiles(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): string[] {
  const paths = new Set([...before.keys(), ...after.keys()]);
  return [...paths].filter((path) => before.get(path) !== after.get(path)).toSorted();
}

/** Notes how long each part took, for whoever reads the log of a test. */
export class Stopwatch {
  readonly #begin = Date.now();
  readonly #lines: string[] = [];
  #last = Date.now();

  lap(name: string): void {
    const now = Date.now();
    this.#lines.push(`${name}: ${((now - this.#last) / 1000).toFixed(1)} s`);
    this.#last = now;
  }

  write(file: string): void {
    writeFileSync(file, `${this.#lines.join('\n')}\ntogether: ${((Date.now() - this.#begin) / 1000).toFixed(1)} s\n`);
  }
}
