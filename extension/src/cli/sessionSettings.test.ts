import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect, onTestFinished, test } from 'vitest';
import { sessionSettings } from '../core/session/sessionSettings.ts';
import type { SessionRow } from '../workflow/ports/store/sessions.ts';
import type { Terminal } from './command.ts';
import { main } from './main.ts';

async function run(...args: string[]): Promise<{ code: number; printed: string; noted: string }> {
  const [printed, noted]: [string[], string[]] = [[], []];
  const terminal: Terminal = {
    print: (text) => void printed.push(text),
    note: (text) => void noted.push(text),
    signal: new AbortController().signal,
  };
  const code = await main(args, terminal);
  return { code, printed: printed.join('\n'), noted: noted.join('\n') };
}

async function workspace(): Promise<{ folder: string; data: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'session-settings-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, 'images'));
  for (const [name, background] of [
    ['a', 'red'],
    ['b', 'blue'],
  ]) {
    const image = sharp({ create: { width: 32, height: 24, channels: 3, background: background ?? '' } });
    await image.png().toFile(join(folder, 'images', `${name}.png`));
  }
  writeFileSync(join(folder, 'data.yaml'), 'path: .\ntrain: images\nnames: [x]\n');
  return { folder, data: join(folder, 'data.yaml') };
}

test('create --help lists every setting with its flag, meaning and default', async () => {
  for (const command of ['create', 'edit']) {
    const { code, printed } = await run(command, '--help');
    expect(code).toBe(0);
    for (const { flag, help } of Object.values(sessionSettings)) {
      expect(printed).toMatch(new RegExp(`^  --${flag} +\\S`, 'm'));
      expect(printed).toContain(help);
    }
    expect(printed).toMatch(/--uncertainty-weights .*\(default: 0\.4,0\.3,0\.3\)/);
    expect(printed).toMatch(/--strategy .*: hybrid, uncertainty, .*\(default: hybrid\)/);
    expect(printed).toMatch(/--flip .*: true, false \(default: false\)/);
    expect(printed).toMatch(/--imgsz .*\(default: 640\)/);
  }
});

test('edit changes settings, and refuses invalid ones', { timeout: 60_000 }, async () => {
  const { folder, data } = await workspace();
  const place = ['--workspace', folder];
  const made = await run('create', ...place, '--data', data, '--name', 'A', '--weights', 'yolov8n.yaml');
  expect(made.code).toBe(0);
  expect(made.printed).toContain('2 images found. Next');
  const second = await run('create', ...place, '--data', data, '--name', 'B', '--weights', 'yolov8n.yaml');
  expect(second.printed).toContain('2 images found, none of them new.');
  const weights = ['--uncertainty-weights', '0.5,0.2,0.3', '--weights', 'other.pt'];
  const changed = await run('edit', ...place, '--session', 'A', ...weights);
  expect(changed.code).toBe(0);
  expect(changed.printed).toContain('--weights "yolov8n.yaml" -> "other.pt"');
  expect(changed.printed).toContain('from the next iteration on');
  const sessions = async (): Promise<SessionRow[]> =>
    JSON.parse((await run('list', ...place, '--json')).printed) as SessionRow[];
  const expected = {
    uncertaintyWeights: { confidence: 0.5, entropy: 0.2, variance: 0.3 },
    baseModel: 'other.pt',
    epochs: 50,
  };
  expect((await sessions())[0]).toMatchObject(expected);
  const refused = await run('edit', ...place, '--session', 'A', '--uncertainty-weights', '0,0,0', '--epochs', '0');
  expect(refused.code).toBe(1);
  expect(refused.noted).toMatch(/--epochs.*--uncertainty-weights|--uncertainty-weights.*--epochs/s);
  expect(await run('edit', ...place, '--session', 'A')).toMatchObject({ code: 2, noted: /Nothing is to be changed/ });
  expect((await sessions())[0]).toMatchObject(expected);
});

test('create refuses an image size that is too small before it reads the dataset', async () => {
  const { folder } = await workspace();
  const refused = await run('create', '--workspace', folder, '--data', 'none.yaml', '--name', 'A', '--imgsz', '32');
  expect(refused.code).toBe(1);
  expect(refused.noted).toMatch(/--imgsz: the image size must be a whole number from 64 to 4096/);
});
