import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/** Each test file has a user record of its own, which the processes that it starts inherit: never that of the real user. */
const folder = mkdtempSync(join(tmpdir(), 'al-user-'));
process.env['AL_USER_FOLDER'] = folder;
afterAll(() => rmSync(folder, { recursive: true, force: true }));
