import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, inject } from 'vitest';
import { ensureBuilt } from '../../../../scripts/lib/build.ts';
import { openOnSharedServer, type Editor } from './editor.ts';
import { openEvaluator, type Evaluator } from './evaluator.ts';

const limit = 300_000;

export interface SharedEditorOptions {
  /** A folder or a .code-workspace file. */
  readonly workspace: string;
  readonly userSettings?: Record<string, unknown>;
}

/** One editor with the product for all tests of a `describe`, which go on where the one before ended. */
export interface SharedEditor {
  readonly editor: Editor;
  readonly evaluator: Evaluator;
  /** A temporary folder with spaces and other signs in its name. */
  readonly home: string;
}

/**
 * Opens the product in an editor before the tests and closes it after them; a test that fails leaves a picture and logs.
 * @param prepare makes the workspace in `home`, and says what else the editor needs.
 */
export function sharedEditor(name: string, prepare: (home: string) => Promise<SharedEditorOptions>): SharedEditor {
  let open: SharedEditor | undefined;
  const opened = (): SharedEditor => {
    if (open === undefined) throw new Error('The editor is open in tests and hooks alone.');
    return open;
  };
  let cleanUp: (() => Promise<void>) | undefined;

  beforeAll(async () => {
    await ensureBuilt();
    const home = realpathSync(mkdtempSync(join(tmpdir(), 'al wïndow ')));
    const server = inject('editorServer');
    if (server === null) throw new Error('There is no editor here.');
    const evaluator = openEvaluator(server.evaluator);
    let editor: Editor | undefined;
    cleanUp = async () => {
      await editor?.closeWindow();
      await evaluator.allGone();
      rmSync(home, { recursive: true, force: true, maxRetries: 5 });
    };
    editor = await openOnSharedServer(server, await prepare(home));
    open = { editor, evaluator, home };
  }, limit);
  let failed: string | undefined;
  // Each test goes on where the one before ended: after a failure there is nothing to go on from.
  beforeEach(({ skip }) => skip(failed !== undefined, `"${failed}" failed before.`));
  afterEach(async ({ task }) => {
    if (task.result?.state !== 'fail' || open === undefined) return;
    failed = task.name;
    const folder = await open.editor.dump(`failed-${name}`);
    console.log(`A picture and the logs of "${task.name}" are in ${folder}.`);
  }, limit);
  afterAll(async () => cleanUp?.(), limit);

  return {
    get editor() {
      return opened().editor;
    },
    get evaluator() {
      return opened().evaluator;
    },
    get home() {
      return opened().home;
    },
  };
}
