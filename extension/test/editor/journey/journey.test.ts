import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cacheFolder } from '../../../../scripts/lib/editor/paths.ts';
import { hostTarget, refusal } from '../../../../scripts/lib/package/targets.ts';
import { packVsix } from '../../../../scripts/lib/package/vsix.ts';
import { withEditor } from '../support/editor.ts';
import { makeEvaluator } from '../support/evaluator.ts';
import { missingForEditor } from '../support/page.ts';
import { exportModel, trainAgain } from './endSteps.ts';
import { Journey } from './journey.ts';
import { review } from './reviewSteps.ts';
import { createSession, train, welcome } from './startSteps.ts';
import { makeJourneyWorkspace, python, Stopwatch, type JourneyWorkspace } from './workspace.ts';

function missingForJourney(): string | null {
  if (!existsSync(python)) return 'The training environment is not installed: run "npm run setup".';
  return refusal(hostTarget) ?? missingForEditor();
}

const missing = missingForJourney();
if (missing !== null) console.log(`The journey through the packaged extension is skipped. ${missing}`);

const outputFolder = join(cacheFolder(), 'editor-tests', 'journey');

// Skipped without an editor, a browser or the training environment; the sentence above says which.
describe.skipIf(missing !== null)('from a folder of images to an exported model', { timeout: 1_800_000 }, () => {
  let home = '';
  let vsix = '';
  let start: JourneyWorkspace;
  const watch = new Stopwatch();
  const evaluator = makeEvaluator();

  beforeAll(async () => {
    home = realpathSync(mkdtempSync(join(tmpdir(), 'al journey ')));
    const folder = join(home, 'quality control');
    mkdirSync(folder);
    start = await makeJourneyWorkspace(folder);
    watch.lap('sample project');
    vsix = (await packVsix({ target: hostTarget, file: join(home, 'extension.vsix') })).path;
    watch.lap('package');
  }, 600_000);
  afterAll(() => {
    evaluator.remove();
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
    if (existsSync(outputFolder)) watch.write(join(outputFolder, 'seconds.txt'));
  });

  test('welcome, session, training, review, training, export', async () => {
    rmSync(outputFolder, { recursive: true, force: true });
    const options = {
      vsix,
      workspace: start.folder,
      outputFolder,
      helpers: [evaluator.extensionFolder],
      userSettings: { 'workbench.colorTheme': 'Dark Modern' },
    };
    await withEditor('journey', options, async (editor) => {
      watch.lap('editor');
      const journey = await Journey.begin(editor, evaluator, start, watch);
      await welcome(journey);
      await createSession(journey);
      await train(journey);
      await review(journey);
      await trainAgain(journey);
      await exportModel(journey);
      expect(editor.consoleErrors()).toEqual([]);
    });
  });
});
