import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { ensureBuilt } from '../../../../scripts/lib/build.ts';
import { openEditor, type Editor, type EditorOptions } from './editor.ts';
import { makeEvaluator, type Evaluator } from './evaluator.ts';

/** The repository: the folder of the extension under test. */
export const productFolder = join(import.meta.dirname, '..', '..', '..', '..');

const limit = 300_000;

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
export function sharedEditor(
  name: string,
  prepare: (home: string) => Promise<Omit<EditorOptions, 'extensionFolder' | 'helpers'>>,
): SharedEditor {
  let open: SharedEditor | undefined;
  const opened = (): SharedEditor => {
    if (open === undefined) throw new Error('The editor is open in tests and hooks alone.');
    return open;
  };
  let cleanUp: (() => Promise<void>) | undefined;

  beforeAll(async () => {
    await ensureBuilt();
    const home = realpathSync(mkdtempSync(join(tmpdir(), 'al wïndow ')));
    const evaluator = makeEvaluator();
    let editor: Editor | undefined;
    cleanUp = async () => {
      await editor?.close();
      evaluator.remove();
      rmSync(home, { recursive: true, force: true, maxRetries: 5 });
    };
    const helpers = [evaluator.extensionFolder];
    editor = await openEditor({ ...(await prepare(home)), extensionFolder: productFolder, helpers });
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
