import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LabelError } from '../../core/dataset/errors.ts';
import { flushFile, removeFile, writeFileAtomic } from './atomicFile.ts';
import { nodeLabelFs } from './labelFs.ts';
import { failing, temporaryFolder, type Step } from './testing/labelFiles.ts';

const posix = process.platform !== 'win32';
const bytes = (text: string): Uint8Array => Buffer.from(text);

/** Renames the file, but reports a failure. */
const renameUnheard: typeof nodeLabelFs.rename = async (from, to) => {
  await nodeLabelFs.rename(from, to);
  throw Object.assign(new Error('the answer was lost'), { code: 'EIO' });
};

async function failureOf(task: Promise<unknown>): Promise<LabelError> {
  const error = await task.then(
    () => null,
    (caught: unknown) => caught,
  );
  if (error instanceof LabelError) return error;
  throw new Error(`Not a LabelError: ${String(error)}`);
}

describe('writeFileAtomic', () => {
  it('creates folders, writes, replaces, and leaves no other files', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'labels', 'a "b" <c> é.txt');
    await writeFileAtomic(path, bytes('one'));
    await writeFileAtomic(path, bytes('two'));
    expect(readFileSync(path, 'utf8')).toBe('two');
    expect(readdirSync(join(folder, 'labels'))).toEqual(['a "b" <c> é.txt']);
  });

  it('accepts a name of the maximum length', async () => {
    const path = join(temporaryFolder(), `${'x'.repeat(251)}.txt`);
    await writeFileAtomic(path, bytes('0 .5 .5 .1 .1\n'));
    expect(existsSync(path)).toBe(true);
  });

  it.runIf(posix)('keeps the mode of the file and a symbolic link to it', async () => {
    const folder = temporaryFolder();
    const real = join(folder, 'real.txt');
    const link = join(folder, 'link.txt');
    writeFileSync(real, 'old');
    chmodSync(real, 0o640);
    symlinkSync('real.txt', link);
    await writeFileAtomic(link, bytes('new'));
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    expect(readFileSync(real, 'utf8')).toBe('new');
    expect(statSync(real).mode & 0o777).toBe(0o640);
  });

  const steps: Step[] = ['open', 'writeFile', 'sync', 'close', 'rename'];
  it.each(steps.flatMap((step) => [['ENOSPC', 'disk-full', step] as const, ['EROFS', 'read-only', step] as const]))(
    '%s becomes %s at %s; the old file is whole and no temporary file is left',
    async (code, expected, step) => {
      const folder = temporaryFolder();
      const path = join(folder, 'a.txt');
      writeFileSync(path, 'the old content');
      const fs = failing(code, (at, where) => at === step && where.endsWith('.tmp'));
      const error = await failureOf(writeFileAtomic(path, bytes('a new and longer content'), fs));
      expect(error).toMatchObject({ code: expected, where: path });
      expect(error.message).toContain(path);
      expect(error.message).toContain('What was there before is whole');
      expect(error.hint).toMatch(expected === 'disk-full' ? /Free some space/ : /overlay/);
      expect(readFileSync(path, 'utf8')).toBe('the old content');
      expect(readdirSync(folder)).toEqual(['a.txt']);
    },
  );

  it.each(['EIO', 'ENOSPC'])(
    'says that the new content is there when only the folder cannot be flushed: %s',
    async (code) => {
      const folder = temporaryFolder();
      const path = join(folder, 'a.txt');
      writeFileSync(path, 'old');
      const fs = failing(code, (step, where) => step === 'open' && where === folder);
      const error = await failureOf(writeFileAtomic(path, bytes('new'), fs));
      expect(error).toMatchObject({ code: 'not-flushed', where: path, message: expect.stringContaining(code) });
      expect(error.message).not.toContain('What was there before is whole');
      expect(readFileSync(path, 'utf8')).toBe('new');
      expect(await failureOf(flushFile(path, fs))).toMatchObject({ code: 'not-flushed' });
      await flushFile(path);
      expect(await failureOf(removeFile(path, fs))).toMatchObject({ code: 'not-flushed' });
      expect(readdirSync(folder)).toEqual([]);
    },
  );

  it('also reports it if the rename reported a failure but took place', async () => {
    const path = join(temporaryFolder(), 'a.txt');
    writeFileSync(path, 'old');
    expect(
      await failureOf(writeFileAtomic(path, bytes('new'), { ...nodeLabelFs, rename: renameUnheard })),
    ).toMatchObject({
      code: 'not-flushed',
    });
    expect(readFileSync(path, 'utf8')).toBe('new');
  });

  it('reports a folder that cannot be created, and a path that cannot be written', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'file'), '');
    expect(await failureOf(writeFileAtomic(join(folder, 'file', 'a.txt'), bytes('x')))).toMatchObject({
      code: 'write-failed',
    });
    const denied = failing('EACCES', (step) => step === 'mkdir');
    expect(await failureOf(writeFileAtomic(join(folder, 'new', 'a.txt'), bytes('x'), denied))).toMatchObject({
      code: 'read-only',
    });
  });
});

describe('removeFile', () => {
  it('removes a file, ignores a missing one, and reports a failure', async () => {
    const path = join(temporaryFolder(), 'a.txt');
    writeFileSync(path, '');
    expect(
      await failureOf(
        removeFile(
          path,
          failing('EPERM', (step) => step === 'unlink'),
        ),
      ),
    ).toMatchObject({ code: 'read-only' });
    await removeFile(path);
    expect(existsSync(path)).toBe(false);
    await removeFile(path);
    mkdirSync(path);
    expect((await failureOf(removeFile(path))).where).toBe(path);
  });
});
