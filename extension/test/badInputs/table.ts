import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Kind } from './badInput.ts';
import { commandLines } from './arguments.ts';
import { descriptions, imageLists } from './descriptions.ts';
import { images } from './images.ts';
import { labels } from './labels.ts';
import { onnx } from './onnx.ts';
import { runFolders } from './runFolders.ts';

/** Every input of the table. */
export const kinds: readonly Kind[] = [labels, descriptions, imageLists, images, onnx, runFolders, commandLines];

const environment = join(import.meta.dirname, '..', '..', '..', 'trainer', '.venv');
export const python = join(
  environment,
  ...(process.platform === 'win32' ? ['Scripts', 'python.exe'] : ['bin', 'python']),
);
export const hasPython = existsSync(python);
