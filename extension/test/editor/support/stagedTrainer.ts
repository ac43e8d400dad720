import { chmodSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const program = join(import.meta.dirname, 'stagedTrainer.mjs');
const sources = join(import.meta.dirname, '..', '..', '..', 'src');
const model = join(sources, 'adapters', 'inference', 'testing', 'tinyDynamic.onnx');

/** How the trainer behaves from its next start on. */
export interface Stage {
  /** Packages that the environment lacks. */
  missing?: readonly string[];
  /** What a training fails with at once; `where` is `file:line`. */
  failure?: { message: string; hint: string; where?: string } | null;
}

/** A Python with a trainer that takes an epoch only when it is let. */
export interface StagedTrainer {
  /** What to name in the setting `activeLearning.python.path`. */
  readonly python: string;
  set(stage: Stage): void;
  /** Lets trainings take epochs up to this one. */
  allow(epochs: number): void;
}

/** A path as a shell reads it. */
const quoted = (path: string): string => `'${path.replaceAll("'", String.raw`'\''`)}'`;

/** Writes one into a folder; no epoch is allowed yet. The model that it "trains" is the tiny one of the fixtures. */
export function makeStagedTrainer(folder: string): StagedTrainer {
  const stage = join(folder, 'stage');
  mkdirSync(stage, { recursive: true });
  const python = join(stage, 'python');
  const environment = `AL_STAGE=${quoted(stage)} AL_STAGE_MODEL=${quoted(model)}`;
  writeFileSync(python, `#!/bin/sh\n${environment} exec ${quoted(process.execPath)} ${quoted(program)} "$@"\n`);
  chmodSync(python, 0o755);
  // The trainer reads at any time: never half a file.
  const put = (name: string, text: string): void => {
    writeFileSync(join(stage, `${name}.part`), text);
    renameSync(join(stage, `${name}.part`), join(stage, name));
  };
  put('stage.json', '{}');
  put('allowed', '0');
  return {
    python,
    set: (change) => put('stage.json', JSON.stringify(change)),
    allow: (epochs) => put('allowed', String(epochs)),
  };
}
