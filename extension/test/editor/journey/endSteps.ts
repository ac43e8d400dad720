import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { findWebview } from '../support/parts.ts';
import { poll } from '../support/poll.ts';
import { limit, product, type Journey } from './journey.ts';
import { picture, tallPicture } from './pictures.ts';

export async function trainAgain(journey: Journey): Promise<void> {
  const { data, editor, page } = journey;
  await page.press('Train next iteration');
  const { runId } = await journey.untilLearning(2);
  const iteration = await journey.untilReviewing(2);
  expect(iteration.runId).toBe(runId);
  expect(data.iterations()).toMatchObject([{ status: 'completed' }, { status: 'reviewing' }]);
  const models = data.models();
  expect(models).toHaveLength(2);
  expect(models.filter((model) => model['is_best'] === 1)).toHaveLength(1);
  for (const model of models) {
    const { packages } = JSON.parse(String(model['lineage'])) as { packages?: unknown };
    expect(packages).toMatchObject({ ultralytics: expect.stringMatching(/^8\./) as string });
  }
  // What was reviewed is what the second model learnt from: two labels and a background more.
  const counts = data.trainedOn();
  expect(counts).toEqual([24, 27]);
  journey.watch.lap('second training');
  await journey.news('are ready for review');
  await editor.runCommand(`${product}: Show Metrics`);
  await findWebview(editor.page, '#root :text("mAP50")', limit);
  await editor.runCommand('Notifications: Clear All Notifications');
  const titles = await editor.editorTitles();
  expect(titles.filter((title) => title.startsWith('Metrics'))).toHaveLength(1);
  await picture(journey, '14-metrics');
  await tallPicture(journey, '14-metrics-tall', 'light');
}

export async function exportModel(journey: Journey): Promise<void> {
  const { data, editor } = journey;
  const { notifications, quickInput } = editor;
  const target = join(journey.folder, 'exported');
  await editor.runCommand(`${product}: Export Best Model…`);
  await quickInput.waitFor();
  await poll('the save dialog', limit, async () => (await quickInput.value()).includes('Machined parts') || undefined);
  await picture(journey, '15-export');
  await quickInput.fill(target);
  await quickInput.accept();
  await journey.news('Exported the model');
  const best = data.models().find((model) => model['is_best'] === 1);
  const name = `Machined-parts-v${best?.['version_number']}`;
  expect(readdirSync(target).toSorted()).toEqual(
    [`${name}-metrics.json`, `${name}-model-card.md`, `${name}.json`, `${name}.onnx`, `${name}.pt`].toSorted(),
  );
  for (const [file, source] of [
    ['.pt', 'weights_path'],
    ['.onnx', 'model_path'],
  ] as const) {
    const written = readFileSync(join(target, `${name}${file}`));
    expect(written.equals(readFileSync(String(best?.[source]))), file).toBe(true);
    expect(written.length).toBeGreaterThan(1_000_000);
  }
  const metrics = JSON.parse(readFileSync(join(target, `${name}-metrics.json`), 'utf8')) as Record<string, unknown>;
  expect(metrics).toMatchObject({ session: 'Machined parts', classNames: ['scratch', 'dent', 'stain', 'crack'] });
  const text = readFileSync(join(target, `${name}-model-card.md`), 'utf8');
  expect(text).toContain(`- Base model: ${journey.baseModel}\n`);
  expect(text).toMatch(/, torch \d/);
  expect(text).not.toContain(journey.folder);
  await picture(journey, '16-exported');
  await journey.news('Exported the model');
  await notifications.press('Exported the model', 'Open Model Card');
  const card = await findWebview(editor.page, 'body :text("Machined parts")', limit);
  expect(await card.locator('body').innerText()).toContain('mAP50');
  // The frame is there before VS Code shows it.
  await editor.page.waitForTimeout(3000);
  await picture(journey, '17-model-card');

  await editor.runCommand(`${product}: Reveal Model File`);
  await poll(
    'the file in the Explorer',
    limit,
    async () =>
      (await editor.page
        .locator('.explorer-folders-view .monaco-list-row.focused, .explorer-folders-view .monaco-list-row.selected')
        .count()) > 0 || undefined,
  );
  await picture(journey, '18-revealed');
  journey.watch.lap('export');
}
