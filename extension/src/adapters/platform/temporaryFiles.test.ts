import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createUnfinishedWrites, sweepFolder, temporaryName } from './temporaryFiles.ts';

let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'al temporary '));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** The id of a process that has ended. */
function deadPid(): number {
  return spawnSync(process.execPath, ['-e', '']).pid;
}

describe('createUnfinishedWrites', () => {
  it('removes at the next start only the temporary files of a killed process', async () => {
    const [notes, target] = [join(folder, 'notes'), join(folder, 'target')];
    mkdirSync(target);
    const script = `
      import { writeFileSync } from 'node:fs';
      import { createUnfinishedWrites, temporaryName } from ${JSON.stringify(join(import.meta.dirname, 'temporaryFiles.ts'))};
      await createUnfinishedWrites(${JSON.stringify(notes)}).during(${JSON.stringify(target)}, async () => {
        writeFileSync(${JSON.stringify(`${target}/`)} + temporaryName(), 'half');
        process.kill(process.pid, 'SIGKILL');
        await new Promise(() => {});
      });`;
    const file = join(folder, 'killed.mts');
    writeFileSync(file, script);
    const { signal } = spawnSync(process.execPath, [file]);
    expect(signal).toBe('SIGKILL');
    expect(readdirSync(target)).toHaveLength(1);
    const kept = [temporaryName(), 'model.pt', 'mine.tmp', `.al-${deadPid()}-xyz.tmp`];
    for (const name of kept) writeFileSync(join(target, name), '');
    await createUnfinishedWrites(notes).sweep();
    expect(readdirSync(target).toSorted()).toEqual(kept.toSorted());
    expect(readdirSync(notes)).toEqual([]);
  });

  it('removes its notes, and continues if notes cannot be written', async () => {
    const notes = join(folder, 'notes');
    const writes = createUnfinishedWrites(notes);
    expect(await writes.during(folder, async () => readdirSync(notes).length)).toBe(1);
    await expect(writes.during(folder, () => Promise.reject(new Error('odd')))).rejects.toThrow('odd');
    expect(readdirSync(notes)).toEqual([]);
    writeFileSync(join(folder, 'file'), '');
    expect(await createUnfinishedWrites(join(folder, 'file', 'notes')).during(folder, async () => 3)).toBe(3);
  });

  it('ignores links and invalid notes', async () => {
    const notes = join(folder, 'notes');
    mkdirSync(notes);
    const victim = join(folder, 'victim');
    mkdirSync(victim);
    const left = join(victim, `.al-${deadPid()}-0123456789ab.tmp`);
    writeFileSync(left, '');
    writeFileSync(join(folder, 'elsewhere'), victim);
    symlinkSync(join(folder, 'elsewhere'), join(notes, `${deadPid()}-0123456789ab`));
    writeFileSync(join(notes, 'note'), victim);
    writeFileSync(join(notes, `${deadPid()}-0123456789ac`), 'victim');
    await createUnfinishedWrites(notes).sweep();
    expect(existsSync(left)).toBe(true);
  });
});

describe('sweepFolder', () => {
  it('ignores links and folders with such names', async () => {
    const pid = deadPid();
    mkdirSync(join(folder, `.al-${pid}-0a.tmp`));
    writeFileSync(join(folder, 'mine'), '');
    symlinkSync(join(folder, 'mine'), join(folder, `.al-${pid}-0b.tmp`));
    writeFileSync(join(folder, `.al-${pid}-0c.tmp`), '');
    await sweepFolder(folder);
    expect(readdirSync(folder).toSorted()).toEqual([`.al-${pid}-0a.tmp`, `.al-${pid}-0b.tmp`, 'mine']);
  });
  it.runIf(process.platform === 'linux')(
    'removes the file of a killed process that its parent has not collected',
    async () => {
      // The shell becomes `sleep`, which never reaps the child of the shell.
      const parent = spawn('sh', ['-c', 'sleep 1 & echo $!; exec sleep 60'], { stdio: ['ignore', 'pipe', 'ignore'] });
      try {
        const [output] = await once(parent.stdout, 'data');
        const pid = Number(String(output));
        await vi.waitFor(() => expect(readFileSync(`/proc/${pid}/stat`, 'latin1')).toMatch(/\) Z /), 10_000);
        writeFileSync(join(folder, `.al-${pid}-0d.tmp`), '');
        await sweepFolder(folder);
        expect(readdirSync(folder)).toEqual([]);
      } finally {
        parent.kill('SIGKILL');
      }
    },
  );
});
