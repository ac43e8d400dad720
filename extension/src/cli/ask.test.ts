import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

interface Asked {
  readonly answer: string;
  /** What the person saw. */
  readonly shown: string;
}

/** Asks in a separate program; `act` plays the user at its terminal. */
async function ask(act: (type: (text: string) => void, end: () => void) => void, abort = false): Promise<Asked> {
  const script = `
    import { askYesNo } from ${JSON.stringify(join(import.meta.dirname, 'ask.ts'))};
    const abort = new AbortController();
    const answer = askYesNo('Trust them?', abort.signal);
    ${abort ? 'setTimeout(() => abort.abort(), 100);' : ''}
    process.stdout.write(String(await answer));`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'pipe' });
  let [answer, shown, acted] = ['', '', false];
  child.stdout.on('data', (data) => (answer += String(data)));
  child.stderr.on('data', (data) => {
    shown += String(data);
    if (acted || !shown.includes('[y/N]')) return;
    acted = true;
    act(
      (text) => child.stdin.write(text),
      () => child.stdin.end(),
    );
  });
  await once(child, 'close');
  return { answer, shown };
}

describe('a question on the terminal', () => {
  test.each([
    ['y', 'true'],
    ['Yes', 'true'],
    [' y ', 'true'],
    ['', 'false'],
    ['n', 'false'],
    ['yesterday', 'false'],
    ['ja', 'false'],
  ])('"%s" means %s', async (typed, meant) => {
    const { answer, shown } = await ask((type) => type(`${typed}\n`));
    expect([answer, shown.includes('Trust them? [y/N] ')]).toEqual([meant, true]);
  });

  test('the end of the input is no yes, whatever was typed before it', async () => {
    expect((await ask((_type, end) => end())).answer).toBe('false');
  });

  test('a stop on request is no yes, and the program ends', async () => {
    expect((await ask(() => undefined, true)).answer).toBe('false');
  });
});
