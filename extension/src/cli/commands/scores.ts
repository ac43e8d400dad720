import { resolve } from 'node:path';
import { builtInMetrics } from '../../core/uncertainty/registry.ts';
import type { Ports } from '../../workflow/ports/ports.ts';
import { requireRow } from '../../workflow/shared/errors.ts';
import { eachImage, ImageLocator } from '../../workflow/dataset/images.ts';
import { explainPrediction, metricOptionsOf } from '../../workflow/iteration/scoring/scoringPlan.ts';
import { loadModel } from '../../workflow/models/modelFiles.ts';
import type { ImageRow } from '../../workflow/ports/store/images.ts';
import type { SessionRow } from '../../workflow/ports/store/sessions.ts';
import type { Command } from '../command.ts';
import { UsageError } from '../flags.ts';
import { table } from '../output.ts';
import { chosenSession, inWorkspace, workspaceOptions } from '../session.ts';

export const scoresCommand: Command = {
  name: 'scores',
  usage: 'scores <image> [--session <number or name>] [--json]',
  summary: 'Show every score of an image by the newest model, and why, in plain words',
  options: workspaceOptions,
  run: (flags, positionals, terminal) =>
    inWorkspace(flags, terminal, async (ports) => {
      const session = await chosenSession(ports, flags);
      const image = await imageNamed(ports, session, positionals[0]);
      const version = (await ports.store.models.list(session.id)).at(-1);
      if (!version) throw new UsageError('There is no trained model yet.', 'Train an iteration first: run.');
      const prediction = await ports.store.predictions.get(version.id, image.id);
      if (!prediction) {
        throw new UsageError(
          `${image.relativePath} was not scored by version ${version.versionNumber}.`,
          'Only images of the pool are scored: unlabelled ones that belong to no val or test split.',
        );
      }
      if (prediction.error !== null) throw new UsageError(prediction.error, 'Replace the image file, and score again.');
      const { classNames } = requireRow(
        await ports.store.datasets.get(session.datasetId),
        'dataset',
        session.datasetId,
      );
      const { head } = (await loadModel(ports, version)).info;
      const options = metricOptionsOf(session, version);
      const { reasons, withheldScores } = explainPrediction(prediction, head, classNames, options);
      const { scores } = prediction;
      if (flags['json'] === true) {
        const boxes = prediction.detections.length;
        const about = {
          image: image.relativePath,
          version: version.versionNumber,
          threshold: options.threshold,
          boxes,
        };
        terminal.print(JSON.stringify({ ...about, scores, withheldScores, reasons }));
        return 0;
      }
      const ids = new Set([...builtInMetrics.map(({ id }) => id), ...Object.keys(scores)]);
      const rows = [...ids].map((id) => [
        id,
        scores[id] ?? '–',
        scores[id] === undefined ? (withheldScores[id] ?? '') : '',
      ]);
      terminal.print(table(['metric', 'score', 'why not'], rows));
      terminal.print(reasons.length > 0 ? reasons.join('; ') : 'nothing stands out');
      return 0;
    }),
};

/** The image of that path: absolute, relative to here, or as the dataset names it. */
async function imageNamed(ports: Ports, session: SessionRow, name: string | undefined): Promise<ImageRow> {
  if (name === undefined) throw new UsageError('Which image? Give its path.');
  const locator = await ImageLocator.of(ports, session.datasetId);
  const wanted = name.replaceAll('\\', '/');
  const absolute = resolve(name).replaceAll('\\', '/');
  for await (const image of eachImage(ports, { datasetId: session.datasetId })) {
    const path = locator.path(image).replaceAll('\\', '/');
    if (path === absolute || image.relativePath === wanted || path.endsWith(`/${wanted}`)) return image;
  }
  throw new UsageError(`The dataset of "${session.name}" has no image ${name}.`);
}
