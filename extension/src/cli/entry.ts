import { askYesNo } from './ask.ts';
import { explain, main } from './main.ts';
import { stopOnSignals } from './signals.ts';
import { lineWriter } from './streams.ts';

const note = lineWriter(process.stderr, () => {});
const stop = stopOnSignals(note);
// Nobody reads the output any more, so the command stops.
const print = lineWriter(process.stdout, (error) => {
  if (error !== null) process.exitCode = explain(error, { note });
  stop.now();
});

for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
  process.on(event, (error) => process.exit(explain(error, { note })));
}

const code = await main(process.argv.slice(2), {
  print,
  note,
  signal: stop.signal,
  ...(process.stdin.isTTY && process.stderr.isTTY ? { ask: (question) => askYesNo(question, stop.signal) } : {}),
});
process.exitCode ??= stop.exitCode(code);
