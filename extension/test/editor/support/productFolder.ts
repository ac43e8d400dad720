import { join } from 'node:path';

/** The repository: the folder of the extension under test. */
export const productFolder = join(import.meta.dirname, '..', '..', '..', '..');
