import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { commandIds } from '../src/host/ids.ts';
import { runIteration } from '../src/workflow/iteration/runIteration.ts';
import type { ModelVersionRow } from '../src/workflow/ports/store/models.ts';
import { finishReview } from '../src/workflow/review/finishReview.ts';
import { createSession } from '../src/workflow/session/sessions.ts';
import { editorState } from './support/editorState.ts';
import { makePaintedDataset, openFakePorts, rowOf, type PaintedObject } from './support/fakePorts.ts';
import { answer, browse, pick, script, type Act } from './support/fakeInput.ts';
import { fakeVscode } from './support/fakeVscode.ts';
import { fakeWindow, treeItem } from './support/fakeWindow.ts';

vi.mock('vscode', () => fakeVscode);
const { activate, deactivate } = await import('../src/host/activate.ts');
const window = fakeWindow({ activate, deactivate });

const spot: PaintedObject = { column: 1, row: 1, classId: 0, brightness: 250 };
let best: ModelVersionRow;
let other: ModelVersionRow;

/** A session with two model versions. */
beforeEach(async () => {
  const labelled = { spots: [spot], label: `${rowOf(spot)}\n` };
  const pictures = { a: labelled, b: labelled, c: labelled, d: { spots: [spot] }, e: { spots: [spot] } };
  const path = await makePaintedDataset(window.folder, pictures);
  const { ports, workspace } = await openFakePorts(window.folder);
  const settings = { name: 'Spots', baseModel: 'yolov8n.yaml', imageSize: 64, maxSamplesPerIteration: 1 };
  const { session } = await createSession(ports, { kind: 'yaml', path, poolFolders: [] }, settings);
  await finishReview(ports, (await runIteration(ports, session.id)).id);
  await runIteration(ports, session.id);
  const versions = await ports.store.models.list(session.id);
  const [first, second] = [versions.find(({ isBest }) => isBest), versions.find(({ isBest }) => !isBest)];
  if (first === undefined || second === undefined) throw new Error('Two versions were expected.');
  [best, other] = [first, second];
  await workspace.close();
  await window.openWindow();
});

const messages = () => editorState.seen.filter((sight) => sight.kind === 'message');
const commands = () => editorState.seen.flatMap((sight) => (sight.kind === 'shown' ? [sight.what] : []));

const exported = (folder: string): string[] => readdirSync(folder).toSorted();

const take = (target: string, ...acts: readonly Act[]): Promise<void> =>
  window.run(commandIds.modelExport, [browse(target), ...acts]);

describe('an export', () => {
  test('exports the best version to the folder named in the dialog', async () => {
    const target = join(window.folder, 'out');
    await window.run(commandIds.modelExport, [browse(target)]);
    expect(script.asked).toMatchObject([
      { kind: 'save', title: `Export Model Version ${best.versionNumber}: Name the Folder` },
    ]);
    expect(script.asked[0]?.text).toBe('Export to This Folder');
    const name = `Spots-v${best.versionNumber}`;
    expect(exported(target)).toEqual(
      ['-metrics.json', '-model-card.md', '.json', '.onnx', '.pt'].map((end) => `${name}${end}`),
    );
    expect(messages()).toMatchObject([{ offers: ['Reveal', 'Copy Path', 'Open Model Card'] }]);
  });

  test('of a version exports the one of the tree item, or asks', async () => {
    const label = `Model version ${other.versionNumber}`;
    const item = await treeItem(label);
    expect(item).toMatchObject({ node: { modelId: other.id } });
    for (const [target, acts, argument] of [
      [join(window.folder, 'from the row'), [], item],
      [join(window.folder, 'chosen'), [pick(label)], undefined],
    ] as const) {
      await window.run(commandIds.modelExportVersion, [...acts, browse(target)], argument);
      expect(exported(target)).toHaveLength(5);
      expect(exported(target).every((name) => name.startsWith(`Spots-v${other.versionNumber}`))).toBe(true);
    }
  });
});

describe('an exported model', () => {
  test('is revealed in the Explorer if it is in the workspace', async () => {
    await take(join(window.folder, 'out'), answer('Reveal'));
    expect(commands()).toContain('command revealInExplorer');
  });

  test('is revealed in the file manager otherwise', async () => {
    await take(join(window.home, 'out'), answer('Reveal'));
    expect(commands()).toContain('command revealFileInOS');
    expect(commands()).not.toContain('command revealInExplorer');
  });

  test('outside the workspace on a remote machine shows its path and can copy it', async () => {
    editorState.remoteName = 'ssh-remote';
    const target = join(window.home, 'out');
    await take(target, answer('Reveal'), answer('Copy Path'));
    const file = join(target, `Spots-v${best.versionNumber}.pt`);
    expect(messages().at(-1)).toMatchObject({ text: `${file} is on the remote machine, outside this workspace.` });
    expect(editorState.clipboard).toBe(file);
    expect(commands().filter((command) => command.startsWith('command reveal'))).toEqual([]);
  });

  test('offers to copy its path or open its model card', async () => {
    const target = join(window.folder, 'out');
    await take(target, answer('Copy Path'));
    expect(editorState.clipboard).toBe(join(target, `Spots-v${best.versionNumber}.pt`));
    await take(target, answer('Open Model Card'));
    expect(commands()).toContain('command markdown.showPreview');
    expect(readFileSync(join(target, `Spots-v${best.versionNumber}-model-card.md`), 'utf8')).toContain('Spots');
  });
});
