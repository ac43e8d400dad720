import type { Kind } from './badInput.ts';
import { commandLines } from './arguments.ts';
import { databases } from './databases.ts';
import { descriptions, imageLists } from './descriptions.ts';
import { images } from './images.ts';
import { labels } from './labels.ts';
import { onnx } from './onnx.ts';
import { plugins } from './plugins.ts';
import { runFolders } from './runFolders.ts';
import { weights } from './weights.ts';

/** Every input of the table. */
export const kinds: readonly Kind[] = [
  labels,
  descriptions,
  imageLists,
  images,
  onnx,
  databases,
  plugins,
  runFolders,
  weights,
  commandLines,
];
