// Builds into dist/, and again whenever a source changes. Ends with Ctrl+C.
import { context, type Plugin } from 'esbuild';
import { builds } from './lib/build.ts';
import { builtStamp } from './lib/built.ts';

let running = 0;
let errors = 0;
/** Taken before a build: what changes meanwhile is built the next time. */
let done = builtStamp();

/** Prints the lines that the task of VS Code waits for, and keeps the stamp that other commands go by. */
const report: Plugin = {
  name: 'report',
  setup(build) {
    build.onStart(() => {
      if (running++ > 0) return;
      errors = 0;
      done = builtStamp();
      done.clear();
      console.log('> Building');
    });
    build.onEnd((result) => {
      errors += result.errors.length;
      if (--running > 0) return;
      if (errors === 0) done.set();
      console.log(errors === 0 ? '> Built' : `> Built with ${errors} errors`);
    });
  },
};

const contexts = await Promise.all(
  // Last, so that the pieces of the extension are written when it reports.
  builds().map((options) => context({ ...options, plugins: [...(options.plugins ?? []), report] })),
);
await Promise.all(contexts.map((each) => each.watch()));
