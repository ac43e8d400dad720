import { join } from 'node:path';
import { createScorePlugins } from '../../src/adapters/plugins/scorePlugins.ts';
import type { BadInput, Kind, Told } from './badInput.ts';
import { put } from './pictures.ts';

const threadPath = join(import.meta.dirname, '..', '..', 'src', 'adapters', 'plugins', 'thread.ts');

async function load(folder: string): Promise<readonly Told[]> {
  const plugins = createScorePlugins({ folder, threadPath, limits: { loadMs: 3000, memoryMb: 64 } });
  const run = await plugins.open();
  await run.close();
  return run.faults.map(({ error, ...fault }) => ({ ...error, where: error.where ?? fault.file }));
}

function file(name: string, content: string | Uint8Array, code: string, says: RegExp): BadInput {
  const make = (folder: string): void => put(folder, 'mine.mjs', content);
  // Its author knows the errors of JavaScript by name.
  return { name, make, meet: load, code, says, names: 'mine.mjs', repeats: /SyntaxError/gu };
}

const metric = (id: string): string => `export default { id: ${JSON.stringify(id)}, compute: () => 0.5 };\n`;

export const plugins: Kind = {
  kind: 'score plug-ins',
  inputs: [
    file('nothing', '', 'not-a-metric', /default/),
    file('text', 'this is no JavaScript', 'not-loaded', /./),
    file('a picture', Buffer.from('\x89PNG\r\n\x1a\n\0\0', 'latin1'), 'not-loaded', /./),
    file('JSON', '{"id": "mine"}', 'not-loaded', /./),
    file('no function', 'export default { id: "mine" };', 'not-a-metric', /compute/),
    file('a number', 'export default 5;', 'not-a-metric', /./),
    file('an id with blanks', metric('My Metric'), 'not-a-metric', /is invalid/),
    file('an id that is a path', metric('../../x'), 'not-a-metric', /is invalid/),
    file('an id of 1,000 characters', metric('x'.repeat(1000)), 'not-a-metric', /is invalid/),
    file('the id of a built-in score', metric('margin'), 'id-taken', /already a score/),
    file('an import that is not there', "import './gone.mjs';", 'not-loaded', /gone/),
    file('an error while it is loaded', 'throw new Error("no GPU");', 'not-loaded', /no GPU/),
    file('something else that is thrown', 'throw null;', 'not-loaded', /./),
    file('a loop without end', 'for (;;);', 'timed-out', /./),
    file('a promise that never ends', 'await new Promise(() => {});', 'ended', /code 13/),
    file('memory without end', 'const all = []; for (;;) all.push(new Array(1e6).fill(1));', 'ended', /memory/),
    file('the end of the process', 'process.exit(7);', 'ended', /./),
  ],
};
