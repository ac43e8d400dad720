import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { beginLog } from './log.mjs';

it('the output of commands is in the log alone; after a failure its last lines and its path are shown', async () => {
  const log = beginLog('log-test');
  const script =
    "for (let i = 0; i < 40; i += 1) console.log('line ' + i); console.error('the reason'); process.exit(3)";
  expect(await log.run(process.execPath, ['-e', script])).toBe(3);
  expect(await log.run('no-such-command', [])).toBe(127);
  expect(readFileSync(log.path, 'utf8')).toMatch(/^\$ .*\nline 0\n/);
  const shown = log.ending();
  expect(shown).toContain('  the reason\n');
  expect(shown).not.toContain('line 20\n');
  expect(shown).toContain(log.path);
});
