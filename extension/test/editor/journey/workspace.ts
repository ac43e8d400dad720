import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generateSample } from '../../../src/cli/sample/generate.ts';

const root = join(import.meta.dirname, '..', '..', '..', '..');
const windows = process.platform === 'win32';

/** The Python that trains; what "npm test" installs. */
export const python = join(root, 'trainer', '.venv', windows ? 'Scripts/python.exe' : 'bin/python');

/** Pretrained weights, so that few images and epochs teach the model something; found through AL_TEST_DATA. */
const pretrained = join(process.env['AL_TEST_DATA'] ?? '', 'models', 'yolov8n-coco.pt');

/** Few, so that a training takes half a minute. */
export const epochs = 8;

export interface JourneyWorkspace {
  readonly folder: string;
  /** The base model as the wizard offers it. */
  readonly baseModel: string;
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
    'activeLearning.defaults.epochs': epochs,
    'activeLearning.defaults.samplesPerIteration': 6,
  };
  await generateSample({ folder: join(folder, 'parts'), seed: 7, images: 48, labelled: 24, validation: 8 });
  const baseModel = existsSync(pretrained) ? 'yolov8n.pt' : 'yolov8n.yaml';
  if (existsSync(pretrained)) copyFileSync(pretrained, join(folder, baseModel));
  const all = { ...settings, 'activeLearning.defaults.baseModel': baseModel };
  writeFileSync(join(folder, '.vscode', 'settings.json'), JSON.stringify(all, null, 2));
  return { folder, baseModel };
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
