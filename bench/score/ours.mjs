import { existsSync } from 'node:fs';
import { mkdir, symlink } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { openWorkspace } from '../../extension/src/composition/workspace.ts';
import { scoreVersion } from '../../extension/src/workflow/iteration/score.ts';
import { createSession } from '../../extension/src/workflow/session/sessions.ts';
import { withSize } from './modelSize.ts';

/** The product itself: a workspace with these images as its pool. */
export async function openOurs({ folder, paths, model, imageSize, settings = {}, productPaths }) {
  const images = join(folder, 'data', 'images', 'train');
  await mkdir(images, { recursive: true });
  for (const [index, path] of paths.entries()) {
    await symlink(path, join(images, `${index}-${basename(path, extname(path))}${extname(path)}`));
  }
  const workspace = await openWorkspace({ folder, paths: productPaths });
  const { ports } = workspace;
  const source = { kind: 'folder', path: join(folder, 'data'), classNames: model.info.names, poolFolders: [] };
  const { session } = await createSession(ports, source, {
    name: 'Bench',
    baseModel: 'bench.pt',
    imageSize,
    ...settings,
  });
  let number = 0;

  async function newVersion(files) {
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
    /** Scores the pool anew, from files to rows. @returns its report and the seconds it took. */
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
