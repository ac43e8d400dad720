import { storedMetrics } from './storedMetrics.ts';
import type { Ports } from '../ports/ports.ts';
import { WorkflowError, requireRow } from '../shared/errors.ts';
import { requireOwnModel } from './knownFiles.ts';
import { modelCard } from './modelCard.ts';
import type { IterationRow } from '../ports/store/iterations.ts';
import type { ModelVersionRow } from '../ports/store/models.ts';

export interface ExportedModel {
  readonly version: ModelVersionRow;
  readonly files: readonly string[];
}

/**
 * Writes the best model of a session (or the given version) to a folder: `<name>.pt`, `<name>.onnx`,
 * `<name>.json` (the model's description), `<name>-metrics.json` and `<name>-model-card.md`.
 */
export async function exportModel(
  ports: Ports,
  sessionId: number,
  folder: string,
  versionId?: number,
): Promise<ExportedModel> {
  const session = requireRow(await ports.store.sessions.get(sessionId), 'session', sessionId);
  const versions = await ports.store.models.list(sessionId);
  const version = versions.find((candidate) =>
    versionId === undefined ? candidate.isBest : candidate.id === versionId,
  );
  if (!version) {
    throw new WorkflowError(
      'no-model',
      `Session "${session.name}" has no trained model yet.`,
      'Train an iteration first.',
    );
  }
  const dataset = requireRow(await ports.store.datasets.get(session.datasetId), 'dataset', session.datasetId);
  const iterations = await ports.store.iterations.list(sessionId);
  const iteration = requireRow(
    iterations.find((row) => row.id === version.iterationId) ?? null,
    'iteration',
    version.iterationId,
  );
  const description = version.modelPath.replace(/\.onnx$/, '.json');
  for (const path of [version.weightsPath, version.modelPath, description]) await requireRunFile(ports, path);
  const name = `${fileName(session.name)}-v${version.versionNumber}`;
  const metrics = {
    session: session.name,
    version: version.versionNumber,
    iteration: iteration.iterationNumber,
    classNames: dataset.classNames,
    validationImages: iteration.validationImagesCount,
    metrics:
      iteration.validationRevisionId === null
        ? null
        : (storedMetrics(version, iteration.validationRevisionId) ?? version.performanceMetrics),
    labelSnapshot: version.labelSnapshot,
    lineage: version.lineage,
    learningCurve: iterations.filter((row) => row.map50 !== null).map(curvePoint),
  };
  const card = modelCard({ session, dataset, iterations, iteration, version, exportedAt: ports.system.clock.now() });
  const files = await ports.artifacts.publish(folder, [
    { name: `${name}.pt`, copyOf: version.weightsPath },
    { name: `${name}.onnx`, copyOf: version.modelPath },
    { name: `${name}.json`, copyOf: description },
    { name: `${name}-metrics.json`, text: `${JSON.stringify(metrics, null, 2)}\n` },
    { name: `${name}-model-card.md`, text: card },
  ]);
  return { version, files };
}

/** A row of the database may name any file of this machine. @throws WorkflowError `model-unknown`, `no-model`. */
async function requireRunFile(
  ports: Pick<Ports, 'artifacts' | 'knownFiles' | 'runsFolder'>,
  path: string,
): Promise<void> {
  if (!(await ports.artifacts.exists(path))) {
    throw new WorkflowError(
      'no-model',
      `${path} no longer exists.`,
      'Restore the file, or train this iteration again.',
      {
        where: path,
      },
    );
  }
  if (!(await ports.artifacts.isFileIn(ports.runsFolder, path))) {
    throw new WorkflowError(
      'model-unknown',
      `${path} is not a file of a run in this workspace, so it cannot be exported.`,
      'Train this iteration again.',
      { where: path },
    );
  }
  await requireOwnModel(ports, path);
}

function curvePoint(row: IterationRow): Record<string, number | null> {
  return {
    iteration: row.iterationNumber,
    labelledImages: row.trainingImagesCount,
    labelledBoxes: row.trainingBoxesCount,
    map50: row.map50,
    map5095: row.map5095,
    precision: row.precision,
    recall: row.recall,
  };
}

function fileName(name: string): string {
  const plain = name
    .normalize('NFKD')
    .replace(/[^\p{Letter}\p{Number}._-]+/gu, '-')
    .replace(/^[-.]+|[-.]+$/g, '');
  return plain === '' ? 'model' : plain;
}
