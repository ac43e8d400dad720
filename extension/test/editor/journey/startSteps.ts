import { expect } from 'vitest';
import { isAlive } from '../../../../scripts/lib/editor/processes.ts';
import { findWebview } from '../support/parts.ts';
import { poll } from '../support/poll.ts';
import { limit, product, type Journey } from './journey.ts';
import { picture, settle, tallPicture } from './pictures.ts';
import { changedFiles, epochs, fingerprint } from './workspace.ts';

export async function welcome(journey: Journey): Promise<void> {
  const { editor } = journey;
  await editor.openViewContainer(product);
  const button = editor.page.locator('.welcome-view-content .monaco-button', {
    hasText: 'New Training Session',
  });
  await button.first().waitFor({ timeout: limit });
  // Away from the activity bar, which would tell its name.
  await editor.page.mouse.move(700, 450);
  // The Python of the settings is found, so that nothing is said of a missing one.
  await settle(editor);
  expect(await editor.page.locator('.welcome-view-content').innerText()).not.toContain('Training requires Python');
  await picture(journey, '01-welcome');
  await editor.runCommand(`${product}: Get Started`);
  await editor.page.locator('.getting-started-step').first().waitFor({ timeout: limit });
  await settle(editor);
  await picture(journey, '02-walkthrough');
  await editor.runCommand('View: Close Editor');
  await button.first().click();
  journey.watch.lap('welcome');
}

export async function createSession(journey: Journey): Promise<void> {
  const { data, editor } = journey;
  const { quickInput, notifications } = editor;
  await quickInput.waitFor(/Which images/);
  const [first] = await poll('the dataset', limit, async () => {
    const rows = await quickInput.rows();
    // The list opens before the folder is searched; while its rows are replaced, a label may be read beside the next description.
    const isFilled = rows.every(({ label }) => !label.startsWith('Looking for images'));
    return isFilled && rows.some(({ description }) => description === 'dataset') ? rows : undefined;
  });
  expect(first).toMatchObject({ label: 'parts/data.yaml', description: 'dataset' });
  await picture(journey, '03-dataset');
  await quickInput.accept();
  await poll('the name', limit, async () => (await quickInput.message()).includes('name of the session') || undefined);
  await quickInput.fill('Machined parts');
  await quickInput.accept();
  await quickInput.waitFor(/Press Enter to accept/);
  // As the product comes; afterwards smaller, so that the journey is short.
  await picture(journey, '04-settings');
  await tallPicture(journey, '04-settings-tall', 'dark');
  await change(journey, 'Image size', 'longer side', '250');
  await poll('the complaint', limit, async () => (await quickInput.message()).includes('multiple of 32') || undefined);
  await picture(journey, '05-validation');
  await quickInput.fill('256');
  await quickInput.accept();
  await change(journey, 'Epochs', 'labelled image', `${epochs}`);
  await quickInput.accept();
  await change(journey, 'Samples per iteration', 'images you review', '6');
  await quickInput.accept();
  await quickInput.waitFor(/Press Enter to accept/);
  const rows = await quickInput.rows();
  expect(rows.find(({ label }) => label === 'Image size')).toMatchObject({ description: '256' });
  expect(rows.find(({ label }) => label === 'Base model')).toMatchObject({ description: journey.baseModel });
  await quickInput.pick(/Create session/);
  await quickInput.waitUntilClosed();
  const ready = await notifications.waitFor('Created session', limit);
  expect(ready).toMatchObject({ severity: 'info', buttons: ['Train Next Iteration'] });
  expect(ready.message).toMatch(
    /Created session "Machined parts"\. Images: \d+ labelled to train on, \d+ labelled for validation, 24 unlabelled\./,
  );
  await editor.tree(/Sessions/).row('Machined parts');
  await picture(journey, '06-ready');
  const [session] = data.sessions();
  expect(session).toMatchObject({
    name: 'Machined parts',
    epochs,
    image_size: 256,
    max_samples_per_iteration: 6,
    learning_rate: 0.001,
    max_iterations: 10,
    status: 'created',
  });
  journey.watch.lap('session');
}

/** Opens a setting of the list and types a value. @param help a part of what is said of the setting. */
async function change({ editor }: Journey, setting: string, help: string, value: string): Promise<void> {
  const { quickInput } = editor;
  await quickInput.waitFor(/Press Enter to accept/);
  await quickInput.fill(setting);
  await quickInput.pick(setting);
  await poll(`the setting ${setting}`, limit, async () => (await quickInput.message()).includes(help) || undefined);
  await quickInput.fill(value);
}

/** The weights lie in the workspace under the name of published ones; nobody has chosen this file yet. */
async function useWeights(journey: Journey): Promise<void> {
  const { notifications } = journey.editor;
  const question = await poll(
    'the question about the weights',
    limit,
    async () => (await notifications.dialog()) ?? undefined,
  );
  expect(question.message).toContain('Use these weights?');
  expect(question.detail).toContain('yolov8n.pt');
  await picture(journey, '06-weights');
  await notifications.pressInDialog('Use This File');
}

export async function train(journey: Journey): Promise<void> {
  const { data, editor } = journey;
  const { notifications } = editor;
  // The pictures may have taken longer than the message stays in its corner.
  await journey.news('Created session');
  await notifications.press('Created session', 'Train Next Iteration');
  if (journey.pretrained) await useWeights(journey);
  const { runId, pid } = await journey.untilLearning(1);
  journey.watch.lap('start of the training');
  await editor.runCommand(`${product}: Show Metrics`);
  await findWebview(editor.page, '#root :text("mAP50")', limit);

  const ends = (): unknown[] => data.runEvents(runId, 'finished');
  const tooFast = 'The training was over before the window had reloaded: give it more epochs.';
  expect(ends(), tooFast).toEqual([]);
  await journey.reload();
  expect(ends(), tooFast).toEqual([]);
  expect(isAlive(pid)).toBe(true);
  await findWebview(editor.page, '#root :text("mAP50")', limit);
  await picture(journey, '07-training');
  const iteration = await journey.untilReviewing(1);
  journey.watch.lap('training, reloaded once');
  expect(data.trainerPid(runId)).toBe(pid);
  // The one that asked about the weights never began.
  expect(data.runs()).toHaveLength(journey.pretrained ? 2 : 1);
  expect(data.runEvents(runId, 'started')).toHaveLength(1);
  expect(data.runEvents(runId, 'epoch')).toHaveLength(epochs);
  expect(iteration.map50).not.toBeNull();
  // Nothing of the dataset was touched.
  expect(changedFiles(journey.before, fingerprint(journey.dataset))).toEqual([]);

  const news = await journey.news('are ready for review');
  expect(news.message).toContain('6 samples of iteration 1 are ready for review');
  expect(news.buttons).toEqual(['Review', 'Show Metrics']);
  expect(await notifications.source('are ready for review')).toContain('Active Learning for YOLO');
  await picture(journey, '08-trained');
  await journey.news('are ready for review');
  await notifications.press('are ready for review', 'Review');
}
