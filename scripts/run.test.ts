import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';

const root = join(import.meta.dirname, '..');

it.each(['SIGTERM', 'SIGHUP'] as const)(
  '%s is for the script to answer, which may need time for it',
  async (signal) => {
    const folder = mkdtempSync(join(tmpdir(), 'al-run-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const script = join(folder, 'script.mjs');
    writeFileSync(
      script,
      `process.on('${signal}', () => setTimeout(() => { console.log('ended well'); process.exit(7); }, 300));
     setInterval(() => {}, 1000);
     console.log('ready');`,
    );
    const args = ['scripts/begin.cjs', 'scripts/run.ts', relative(root, script)];
    const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
    let printed = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
      if (text.includes('ready')) child.kill(signal);
    });
    const code = await new Promise((done) => child.on('close', done));
    expect({ code, printed }).toEqual({ code: 7, printed: 'ready\nended well\n' });
  },
);
