import { existsSync } from 'node:fs';
import { mkdir, symlink } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import type { ProductPaths } from '../../extension/src/composition/productPaths.ts';
import { openWorkspace } from '../../extension/src/composition/workspace.ts';
import { scoreVersion } from '../../extension/src/workflow/iteration/score.ts';
import type { ModelFiles } from '../../extension/src/workflow/ports/inference.ts';
import type { Ports } from '../../extension/src/workflow/ports/ports.ts';
import type { ModelVersionRow } from '../../extension/src/workflow/ports/store/models.ts';
import type { SessionRow } from '../../extension/src/workflow/ports/store/sessions.ts';
import { createSession } from '../../extension/src/workflow/session/sessions.ts';
import { withSize } from './modelSize.ts';

interface OursOptions {
  readonly folder: string;
  readonly paths: readonly string[];
  readonly model: ModelFiles;
  readonly imageSize: number;
  readonly settings?: object;
  readonly productPaths: ProductPaths;
}

/** The product itself, with the images as its pool. */
export interface Ours {
  readonly ports: Ports;
  readonly session: SessionRow;
  /** Scores the pool again, from files to rows. @returns its report and the seconds it took. */
  run(
    files?: ModelFiles,
    task?: Task,
  ): Promise<{ readonly version: ModelVersionRow; readonly report: ScoringReport; readonly seconds: number }>;
  close(): Promise<void>;
}

type Task = Parameters<typeof scoreVersion>[3];
type ScoringReport = Awaited<ReturnType<typeof scoreVersion>>;

export async function openOurs({
  folder,
  paths,
  model,
  imageSize,
  settings = {},
  productPaths,
}: OursOptions): Promise<Ours> {
  const images = join(folder, 'data', 'images', 'train');
  await mkdir(images, { recursive: true });
  for (const [index, path] of paths.entries()) {
    await symlink(path, join(images, `${index}-${basename(path, extname(path))}${extname(path)}`));
  }
  const workspace = await openWorkspace({ folder, paths: productPaths });
  const { ports } = workspace;
  const source = { kind: 'folder', path: join(folder, 'data'), classNames: model.info.names, poolFolders: [] } as const;
  const { session } = await createSession(ports, source, {
    name: 'Bench',
    baseModel: 'bench.pt',
    imageSize,
    ...settings,
  });
  let number = 0;

  async function newVersion(files: ModelFiles): Promise<ModelVersionRow> {
    number += 1;
    const iteration = await ports.store.iterations.create(session.id, number, 'scoring');
    const description = files.onnxPath.replace(/\.onnx$/, '.json');
    for (const path of [files.onnxPath, files.weightsPath, description]) {
      // The product runs what runs of this user made.
      if (path !== undefined && existsSync(path)) await ports.knownFiles.remember(path, 'run');
    }
    return ports.store.models.create({
      sessionId: session.id,
      iterationId: iteration.id,
      modelPath: files.onnxPath,
      weightsPath: files.weightsPath ?? files.onnxPath,
      performanceMetrics: {},
      modelSizeMb: withSize(files).sizeMb,
      labelSnapshot: '',
      lineage: {},
    });
  }

  return {
    ports,
    session,
    async run(files = model, task = {}) {
      const version = await newVersion(files);
      const start = performance.now();
      const report = await scoreVersion(ports, session, version, task);
      if (report.scored !== paths.length || report.failed > 0) throw new Error(`scored ${JSON.stringify(report)}`);
      return { version, report, seconds: (performance.now() - start) / 1000 };
    },
    close: () => workspace.close(),
  };
}
