import { checks } from './lib/checks.ts';
import { run } from './begin/shell.mjs';

for (const [title, command, args] of checks()) {
  console.log(`> ${title}`);
  if ((await run(command, args)) !== 0) process.exitCode = 1;
}
