import { checks } from './lib/checks.mjs';
import { run } from './lib/shell.mjs';

for (const [title, command, args] of checks()) {
  console.log(`> ${title}`);
  if ((await run(command, args)) !== 0) process.exitCode = 1;
}
