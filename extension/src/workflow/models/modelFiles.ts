import { parseModelInfo } from '../../core/detection/modelInfo.ts';
import type { Ports } from '../ports/ports.ts';
import { WorkflowError } from '../shared/errors.ts';
import { requireOwnModel } from './knownFiles.ts';
import type { ModelFiles } from '../ports/inference.ts';
import type { ModelVersionRow } from '../ports/store/models.ts';

/** The files of a stored version; `model.json` lies beside the ONNX file. */
export async function loadModel(
  ports: Pick<Ports, 'artifacts' | 'knownFiles'>,
  version: ModelVersionRow,
): Promise<ModelFiles> {
  if (!(await ports.artifacts.exists(version.modelPath))) {
    throw new WorkflowError(
      'no-model',
      `The exported model of version ${version.versionNumber} is gone.`,
      'Restore the file, or train this iteration again.',
      { where: version.modelPath },
    );
  }
  const infoPath = version.modelPath.replace(/\.onnx$/, '.json');
  const weightsPath = (await ports.artifacts.exists(version.weightsPath)) ? version.weightsPath : undefined;
  for (const path of [version.modelPath, infoPath, weightsPath]) {
    if (path !== undefined) await requireOwnModel(ports, path);
  }
  const info = parseModelInfo(JSON.parse(await ports.artifacts.readText(infoPath)));
  return {
    onnxPath: version.modelPath,
    info,
    sizeMb: version.modelSizeMb,
    ...(weightsPath === undefined ? {} : { weightsPath }),
  };
}
