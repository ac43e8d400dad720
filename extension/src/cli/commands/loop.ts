import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createOracleLabels } from '../../adapters/labels/oracleLabels.ts';
import { strategies } from '../../core/selection/registry.ts';
import { simulate, type Oracle, type SimulationRow } from '../../workflow/simulation/simulate.ts';
import type { LabelSource } from '../../workflow/ports/labelSource.ts';
import type { Command } from '../command.ts';
import { numberFlag, textFlag } from '../flags.ts';
import { progressLines, table } from '../output.ts';
import { openTrusted } from '../session.ts';
import { settingOptions, settingsFrom } from '../settingFlags.ts';
import { sourceFrom, sourceOptions } from './sessions.ts';

export const loopCommand: Command = {
  name: 'loop',
  usage: `loop --data <data.yaml> --weights <path> [--start 40] [--batch 20] [--iterations 3] [--epochs 20] [--imgsz 320] [--strategy ${strategies.map(({ id }) => id).join('|')}] [--seed 0] [--out <file.json>] [--work <folder>]`,
  summary: 'Simulate the loop on a labelled dataset: labels are revealed from it instead of drawn; it stays untouched',
  options: {
    ...sourceOptions,
    ...settingOptions(),
    start: { type: 'string' },
    iterations: { type: 'string' },
    out: { type: 'string' },
    work: { type: 'string' },
    python: { type: 'string' },
    'allow-download': { type: 'boolean' },
    'trust-folder': { type: 'boolean' },
  },
  async run(flags, _, terminal) {
    const source = sourceFrom(flags);
    const iterations = numberFlag(flags, 'iterations', 1) ?? 3;
    const settings = { name: 'Simulation', maxIterations: iterations, ...settingsFrom(flags) };
    const work = textFlag(flags, 'work');
    const folder = work === undefined ? await mkdtemp(join(tmpdir(), 'active-learning-loop-')) : resolve(work);
    let oracle: (LabelSource & Oracle) | null = null;
    const workspace = await openTrusted(terminal, flags['trust-folder'] === true, {
      folder,
      python: textFlag(flags, 'python'),
      labels: (storage) => (oracle = createOracleLabels({ overlayFolder: join(storage, 'labels') })),
    });
    try {
      if (oracle === null) return 1;
      const rows = await simulate(
        workspace.ports,
        oracle,
        { source, settings, start: numberFlag(flags, 'start', 0) ?? 40, iterations },
        { report: progressLines(terminal), signal: terminal.signal, allowDownload: flags['allow-download'] === true },
        (row) => terminal.note(rowsTable([row])),
      );
      terminal.print(rowsTable(rows));
      const out = textFlag(flags, 'out');
      if (out !== undefined) await writeFile(resolve(out), `${JSON.stringify(rows, null, 2)}\n`);
      return 0;
    } finally {
      await workspace.close();
      if (work === undefined) await rm(folder, { recursive: true, force: true });
    }
  },
};

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
