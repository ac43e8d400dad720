import { dirname } from 'node:path';
import { createEventReader } from '../../adapters/training/events.ts';
import { nodeFiles } from '../../adapters/python/fileOps.ts';
import { readLogTail } from '../../adapters/python/logTail.ts';
import { runPaths } from '../../adapters/training/runFolder.ts';
import { refuseLinks } from '../../adapters/platform/privateFiles.ts';
import { visibleText } from '../../core/text/escapeText.ts';
import { runOutputText } from '../text/runOutputText.ts';

// What this folder needs after activation: run folders, schemas and process tools. Loaded with `import()` when first used.
export { hasTrainingEnded, isTrainingAlive } from './liveRun.ts';

/** Only the end of trainer.log is shown: it may have any size. */
const maxLogBytes = 1024 * 1024;
const maxLogLines = 10_000;

/** The text of a run's events and log. Reads only files in the run folder, whatever the database refers to. */
export async function readRunOutput(runsFolder: string, runId: string): Promise<string> {
  const paths = runPaths(runsFolder, runId);
  refuseLinks(dirname(runsFolder), paths.folder);
  const problems: string[] = [];
  const reader = createEventReader(nodeFiles, paths.events, (problem) => problems.push(problem));
  const events = runOutputText(await reader.read());
  // Without a terminal, the trainer prints to a file. Only this file explains a crash that left no event.
  const printed = await readLogTail(nodeFiles, paths.log, maxLogLines, maxLogBytes);
  const parts = [events, problems.join('\n'), printed === '' ? '' : `trainer.log\n\n${printed}\n`];
  return visibleText(parts.filter((part) => part !== '').join('\n'));
}
