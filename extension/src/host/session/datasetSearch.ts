import * as vscode from 'vscode';
import { datasetCandidates, type DatasetCandidate } from './datasetCandidates.ts';

const mostYamlFiles = 200;
const mostImages = 5000;
const mostYamlBytes = 200_000;
const left = '**/{node_modules,.git,.venv,venv,.active-learning,site-packages,runs}/**';
const imagePattern = '**/*.{jpg,jpeg,png,webp,bmp,tif,tiff,avif,JPG,JPEG,PNG}';

/** Datasets of a workspace folder: descriptions, and plain folders of images. */
export async function findDatasets(folder: vscode.WorkspaceFolder): Promise<readonly DatasetCandidate[]> {
  const find = (pattern: string, most: number): Thenable<vscode.Uri[]> =>
    vscode.workspace.findFiles(
      new vscode.RelativePattern(folder, pattern),
      new vscode.RelativePattern(folder, left),
      most,
    );
  const [yamls, images] = await Promise.all([find('**/*.{yaml,yml}', mostYamlFiles), find(imagePattern, mostImages)]);
  const files = await Promise.all(yamls.map(async (uri) => ({ path: posix(uri), text: await head(uri) })));
  return datasetCandidates(files, images.map(posix));
}

/** Whether any folder of the workspace holds something to begin with. */
export async function hasDataset(): Promise<boolean> {
  for (const folder of vscode.workspace.workspaceFolders ?? []) {
    if ((await findDatasets(folder)).length > 0) return true;
  }
  return false;
}

/** Base weights that lie in the workspace. */
export async function findWeights(folder: vscode.WorkspaceFolder): Promise<readonly string[]> {
  const found = await vscode.workspace.findFiles(
    new vscode.RelativePattern(folder, '**/*.pt'),
    new vscode.RelativePattern(folder, left),
    50,
  );
  return found.map((uri) => uri.fsPath).toSorted();
}

async function head(uri: vscode.Uri): Promise<string> {
  try {
    const { size } = await vscode.workspace.fs.stat(uri);
    return size > mostYamlBytes ? '' : new TextDecoder().decode(await vscode.workspace.fs.readFile(uri));
  } catch {
    return '';
  }
}

function posix(uri: vscode.Uri): string {
  return uri.fsPath.replaceAll('\\', '/');
}
