import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createOracleLabels } from '../../adapters/labels/oracleLabels.ts';
import { simulateOperation, type SimulationPorts } from '../../workflow/operations/datasetOperations.ts';
import type { LabelSource } from '../../workflow/ports/labelSource.ts';
import type { Oracle, SimulationRow } from '../../workflow/simulation/simulate.ts';
import { defineCommand, type Environment } from '../defineCommand.ts';
import { textFlag } from '../flags.ts';
import { progressLines, table } from '../output.ts';
import { openTrusted, pythonFlag, trustFlag } from '../session.ts';
import { findDescription } from './sessions.ts';

/** A workspace whose labels come from the dataset; a temporary one unless a flag names its folder. */
const simulationEnvironment: Environment<SimulationPorts> = {
  flags: [
    { name: 'work', type: 'string', flag: '--work <folder>', help: 'Keep sessions and runs in this folder' },
    { name: 'out', type: 'string', flag: '--out <path>', help: 'Write the result to this JSON file too' },
    pythonFlag,
    trustFlag,
  ],
  async use(flags, terminal, work) {
    const kept = textFlag(flags, 'work');
    const folder = kept === undefined ? await mkdtemp(join(tmpdir(), 'active-learning-loop-')) : resolve(kept);
    let oracle: (LabelSource & Oracle) | null = null;
    const workspace = await openTrusted(terminal, flags['trust-folder'] === true, {
      folder,
      python: textFlag(flags, 'python'),
      labels: (storage) => (oracle = createOracleLabels({ overlayFolder: join(storage, 'labels') })),
    });
    try {
      if (oracle === null) return 1;
      const onRow = (row: SimulationRow): void => terminal.note(rowsTable([row]));
      const options = { report: progressLines(terminal), signal: terminal.signal };
      return await work({ ...workspace.ports, oracle, onRow }, options);
    } finally {
      await workspace.close();
      if (kept === undefined) await rm(folder, { recursive: true, force: true });
    }
  },
};

export const loopCommand = defineCommand({
  name: 'loop',
  operation: simulateOperation,
  environment: simulationEnvironment,
  prepare: findDescription,
  finish: async (rows, flags) => {
    const out = textFlag(flags, 'out');
    if (out !== undefined) await writeFile(resolve(out), `${JSON.stringify(rows, null, 2)}\n`);
  },
  text: rowsTable,
});

function rowsTable(rows: readonly SimulationRow[]): string {
  return table(
    ['images', 'boxes', 'mAP50', 'mAP50-95', 'validation images', 'training s', 'scoring s'],
    rows.map((row) => [
      row.labelledImages,
      row.labelledBoxes,
      row.map50,
      row.map5095,
      row.validationImages,
      row.trainingSeconds,
      row.scoringSeconds,
    ]),
  );
}
