import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ImageProbe } from '../../../workflow/ports/datasetFiles.ts';
import { createDatasetFiles } from '../listing/datasetFiles.ts';
import { decodeRgb } from '../images/decodeImage.ts';
import { createDatasetReader, type DatasetReader, type DatasetReaderSetup } from './datasetReader.ts';

const fake = join(import.meta.dirname, '..', 'testing', 'fakeReader.mjs');
const real = join(import.meta.dirname, 'reader.ts');

let folder = '';
const opened: DatasetReader[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reader-'));
});
afterEach(async () => {
  for (const reader of opened.splice(0)) await reader.close();
  await rm(folder, { recursive: true, force: true });
});

function open(setup: Partial<DatasetReaderSetup> = {}, env: NodeJS.ProcessEnv = {}): DatasetReader {
  const log = join(folder, 'log');
  const reader = createDatasetReader({ readerPath: fake, ...setup, env: { ...process.env, READER_LOG: log, ...env } });
  opened.push(reader);
  return reader;
}

/** The requests to the process and its starts, in order. */
function seen(): string[] {
  const path = join(folder, 'log');
  return existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : [];
}

function outcome(probe: ImageProbe): string {
  return probe.ok ? 'ok' : probe.problem.code;
}

async function isGone(pid: number): Promise<boolean> {
  for (let tries = 0; tries < 200; tries++) {
    try {
      process.kill(pid, 0);
    } catch {
      return true;
    }
    await sleep(50);
  }
  return false;
}

describe('the process that reads datasets', { timeout: 120_000 }, () => {
  it('writes the pixels of an image as a PNG, or reports why it cannot', async () => {
    const reader = open({ readerPath: real });
    const source = join(folder, 'a.avif');
    const target = join(folder, 'a.png');
    await sharp({ create: { width: 20, height: 12, channels: 3, background: '#a02040' } })
      .avif()
      .toFile(source);
    await reader.writePng(source, target);
    const [written, scored] = [await decodeRgb(target), await decodeRgb(source)];
    expect(Buffer.compare(written.data, scored.data)).toBe(0);
    await writeFile(source, 'no image');
    await expect(reader.writePng(source, join(folder, 'b.png'))).rejects.toMatchObject({
      code: 'unsupported-format',
      where: source,
    });
    expect(existsSync(join(folder, 'b.png'))).toBe(false);
  });

  it('reports the image that crashes the decoder, and reads all others', async () => {
    const reader = open();
    const names = ['a', 'b', 'c', 'poison 1', 'd', 'e', 'f', 'g', 'h', 'poison 2', 'i'];
    const probes = await Promise.all(names.map((name) => reader.probe(name)));
    expect(probes.map(outcome)).toEqual(names.map((name) => (name.startsWith('poison') ? 'decoder-crashed' : 'ok')));
    expect(probes[3]).toMatchObject({
      ok: false,
      contentHash: null,
      problem: { severity: 'error', file: 'poison 1', message: expect.stringContaining('poison 1 cannot be decoded') },
    });
  });

  it('abandons only the image that hangs the decoder', async () => {
    const reader = open({ imageTimeoutMs: 1500 });
    const probes = await Promise.all(['a', 'silent', 'b'].map((name) => reader.probe(name)));
    expect(probes.map(outcome)).toEqual(['ok', 'decoder-silent', 'ok']);
  });

  it('is replaced between images if it uses too much memory', async () => {
    const reader = open();
    const first = await Promise.all(['large', 'a', 'b'].map((name) => reader.probe(name)));
    const second = await reader.probe('c');
    expect([...first, second].map(outcome)).toEqual(['ok', 'ok', 'ok', 'ok']);
    expect(seen()).toEqual(['start', 'large', 'a', 'b', 'start', 'c']);
  });

  it('is killed when a request in progress is cancelled; other requests complete', async () => {
    const reader = open();
    const abort = new AbortController();
    const stopped = reader.probe('silent', abort.signal);
    const other = reader.probe('b');
    while (!seen().includes('silent')) await sleep(20);
    const pid = reader.pid() ?? 0;
    abort.abort();
    await expect(stopped).rejects.toMatchObject({ code: 'cancelled' });
    expect(outcome(await other)).toBe('ok');
    expect(await isGone(pid)).toBe(true);
    await expect(reader.probe('c', abort.signal)).rejects.toMatchObject({ code: 'cancelled' });
  });

  it('is reported with the reason if it cannot start', async () => {
    const reader = open({}, { READER_BROKEN: '1' });
    const failure = { code: 'reader-failed', message: expect.stringContaining('Could not load the decoder') };
    const both = await Promise.allSettled([reader.probe('a'), reader.probe('b')]);
    for (const one of both) expect(one).toMatchObject({ status: 'rejected', reason: failure });
  });

  it('is reported if a listing crashes it twice', async () => {
    const reader = open();
    const source = { kind: 'yaml', path: 'fatal', poolFolders: [] } as const;
    await expect(reader.list(source)).rejects.toMatchObject({ code: 'reader-failed' });
    expect(seen()).toEqual(['start', 'list', 'start', 'list']);
  });

  it('lists and probes with the same results as in this process, and exits when idle', async () => {
    const images = join(folder, 'images', 'train');
    await mkdir(images, { recursive: true });
    for (const name of ['drive_0001', 'drive_0002', 'ünïcode 語', 'other', 'more', 'last']) {
      const pixels = { create: { width: 30, height: 20, channels: 3, background: name.length * 9 } } as const;
      await sharp({ create: { ...pixels.create, background: { r: name.length * 9, g: 0, b: 0 } } })
        .png()
        .toFile(join(images, `${name}.png`));
    }
    await writeFile(join(images, 'broken.jpg'), 'no picture');
    await writeFile(join(folder, 'data.yaml'), 'train: images/train\ntest: images/none\nnames: [a]\n');
    const source = { kind: 'yaml', path: join(folder, 'data.yaml'), poolFolders: [] } as const;
    const reader = open({ readerPath: real, idleMs: 200 });
    const own = createDatasetFiles();
    const [there, here] = await Promise.all([reader.list(source), own.list(source)]);
    expect({ ...there, images: there.images.slice(0, 100) }).toEqual(here);
    expect(here.images.map(({ captureGroup }) => captureGroup)).toContain('0/images/train/drive_');
    expect(there.images.slice(2, 4)).toEqual(here.images.slice(2, 4));
    for (const { absolutePath } of here.images) {
      expect(await reader.probe(absolutePath)).toEqual(await own.probe(absolutePath));
    }
    const pid = reader.pid() ?? 0;
    expect(pid).toBeGreaterThan(0);
    expect(await isGone(pid)).toBe(true);
    expect(reader.pid()).toBeUndefined();
    await expect(reader.list({ ...source, path: join(folder, 'none.yaml') })).rejects.toMatchObject({
      name: 'DatasetError',
      code: 'description-missing',
    });
  });

  it('neither keeps its parent process alive nor outlives it', async () => {
    const script = join(folder, 'start.mjs');
    const module = JSON.stringify(join(import.meta.dirname, 'datasetReader.ts'));
    await writeFile(
      script,
      `import { createDatasetReader } from ${module};
      const reader = createDatasetReader({ readerPath: ${JSON.stringify(fake)}, idleMs: 600_000 });
      await reader.probe('a');
      console.log(reader.pid());`,
    );
    const { stdout } = await promisify(execFile)(process.execPath, [script], { timeout: 60_000 });
    expect(await isGone(Number(stdout))).toBe(true);
  });
});
