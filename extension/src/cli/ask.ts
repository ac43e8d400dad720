import { createInterface } from 'node:readline/promises';

/** Asks on the terminal. Any answer but yes means no, and so does the end of the input. */
export async function askYesNo(question: string, signal: AbortSignal): Promise<boolean> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const ended = new Promise<string>((resolve) => lines.once('close', () => resolve('')));
    const answer = await Promise.race([lines.question(`${question} [y/N] `, { signal }), ended]);
    return /^y(es)?$/iu.test(answer.trim());
  } catch {
    return false;
  } finally {
    lines.close();
  }
}
