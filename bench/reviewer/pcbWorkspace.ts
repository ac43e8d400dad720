import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { node, python } from '../../scripts/begin/paths.mjs';

export const classNames = ['open', 'short', 'mousebite', 'spur', 'spurious_copper', 'pin_hole'];

export interface PcbOptions {
  /** The deeppcb data set: `images` and `labels`, each with `train` and `val`. */
  readonly data: string;
  /** The weights that the training starts from. */
  readonly weights: string;
  /** Images that are labelled, that are not, and that validate. */
  readonly labelled: number;
  readonly pool: number;
  readonly validation: number;
  readonly epochs: number;
  readonly batch: number;
}

/**
 * Makes a workspace in which a model waits for a review: `labelled` images trained it, and a batch of the others is
 * selected. The command line of the checkout does it, so that an older one is measured with its own scores and batch.
 * @returns the folder of the true labels, by image.
 */
export function makePcbWorkspace(folder: string, checkout: string, options: PcbOptions): string {
  const dataset = join(folder, 'pcb');
  const truth = join(options.data, 'labels', 'train');
  const names = readdirSync(join(options.data, 'images', 'train')).toSorted();
  names.slice(0, options.labelled + options.pool).forEach((name, index) => {
    put(options.data, dataset, 'train', name, index < options.labelled);
  });
  const validation = readdirSync(join(options.data, 'images', 'val')).toSorted();
  for (const name of validation.slice(0, options.validation)) put(options.data, dataset, 'val', name, true);
  const lines = ['path: .', 'train: images/train', 'val: images/val', `names: [${classNames.join(', ')}]`];
  writeFileSync(join(dataset, 'data.yaml'), `${lines.join('\n')}\n`);
  const weights = join(folder, basename(options.weights));
  copyFileSync(options.weights, weights);
  const settings = ['--imgsz', '320', '--epochs', String(options.epochs), '--batch', String(options.batch)];
  const create = ['create', '--data', join(dataset, 'data.yaml'), '--name', 'PCB', '--weights', weights, ...settings];
  for (const command of [create, ['run']]) {
    execFileSync(node, [join(checkout, 'dist', 'cli.js'), ...command, '--python', python], {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  }
  return truth;
}

function put(data: string, dataset: string, split: string, name: string, labelled: boolean): void {
  const label = name.replace(/\.\w+$/, '.txt');
  mkdirSync(join(dataset, 'images', split), { recursive: true });
  mkdirSync(join(dataset, 'labels', split), { recursive: true });
  copyFileSync(join(data, 'images', split, name), join(dataset, 'images', split, name));
  if (labelled) copyFileSync(join(data, 'labels', split, label), join(dataset, 'labels', split, label));
}
