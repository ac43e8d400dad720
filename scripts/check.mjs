import { checks } from './lib/checks.mjs';
import { ensurePython } from './lib/setup.mjs';
import { run } from './lib/shell.mjs';

await ensurePython();
for (const [title, command, args] of checks()) {
  console.log(`> ${title}`);
  if ((await run(command, args)) !== 0) process.exitCode = 1;
}
