import { join } from 'node:path';
import { root } from '../../begin/paths.mjs';

/** What is downloaded or kept between starts; AL_CACHE names a folder that several checkouts can share. */
export function cacheFolder(): string {
  return process.env['AL_CACHE'] || join(root, '.cache');
}
