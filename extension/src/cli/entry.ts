import { askYesNo } from './ask.ts';
import { main } from './main.ts';

const abort = new AbortController();
process.on('SIGINT', () => {
  // The first Ctrl+C stops at the next safe point; the second one ends at once, and nothing is lost either.
  if (abort.signal.aborted) process.exit(130);
  console.error('Stopping… (press again to end at once)');
  abort.abort();
});
process.on('SIGTERM', () => abort.abort());

process.exitCode = await main(process.argv.slice(2), {
  print: (text) => console.log(text),
  note: (text) => console.error(text),
  signal: abort.signal,
  ...(process.stdin.isTTY && process.stderr.isTTY ? { ask: (question) => askYesNo(question, abort.signal) } : {}),
});
