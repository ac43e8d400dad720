import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { startServer } from '../../../../scripts/lib/editor/server.ts';
import { makeEvaluator } from './evaluator.ts';
import { missingForEditor } from './page.ts';
import { productFolder } from './productFolder.ts';

/** The server that the test files share, as values that can be handed to another process. */
export interface SharedServer {
  readonly origin: string;
  readonly port: number;
  readonly pid: number;
  readonly userDataFolder: string;
  readonly extensionsFolder: string;
  readonly logFile: string;
  /** What `openEvaluator` takes. */
  readonly evaluator: { readonly extensionFolder: string; readonly token: string };
}

declare module 'vitest' {
  export interface ProvidedContext {
    /** Null if no editor can be opened here. */
    editorServer: SharedServer | null;
  }
}

/** Starts one server with the product for all test files that need nothing else, and ends it after them. */
export async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  project.provide('editorServer', null);
  if (missingForEditor() !== null) return undefined;
  // One user record for the server and for the tests that make workspaces for it: other sessions would be a stranger's.
  const record = mkdtempSync(join(tmpdir(), 'al-user-'));
  process.env['AL_USER_FOLDER'] = record;
  const evaluator = makeEvaluator();
  const server = await startServer({ extensionFolder: productFolder, helpers: [evaluator.extensionFolder] });
  const { origin, port, pid, userDataFolder, extensionsFolder, logFile } = server;
  const { extensionFolder, token } = evaluator;
  const shared = { origin, port, pid, userDataFolder, extensionsFolder, logFile };
  project.provide('editorServer', { ...shared, evaluator: { extensionFolder, token } });
  return async () => {
    await server.stop();
    evaluator.remove();
    rmSync(record, { recursive: true, force: true });
  };
}
