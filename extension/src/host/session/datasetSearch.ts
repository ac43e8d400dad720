import * as vscode from 'vscode';
import { decodeText } from '../../adapters/files/textFile.ts';
import { datasetCandidates, type DatasetCandidate } from './datasetCandidates.ts';

const mostYamlFiles = 200;
/** The search ends after this many images; then counts are lower bounds. */
const mostImages = 5000;
const mostYamlBytes = 200_000;
const left = '**/{node_modules,.git,.venv,venv,.active-learning,site-packages,runs}/**';
const imagePattern = '**/*.{jpg,jpeg,png,webp,bmp,tif,tiff,avif,JPG,JPEG,PNG}';

/**
 * Searches a workspace folder for datasets: descriptions, then plain folders of images, which take longer.
 * @param show receives all candidates so far, more than once.
 * @param signal ends the search.
 */
export async function searchDatasets(
  folder: vscode.WorkspaceFolder,
  show: (candidates: readonly DatasetCandidate[]) => void,
  signal?: AbortSignal,
): Promise<void> {
  const cancel = new vscode.CancellationTokenSource();
  const stop = (): void => cancel.cancel();
  signal?.addEventListener('abort', stop, { once: true });
  const find = (pattern: string, most: number): Thenable<vscode.Uri[]> =>
    vscode.workspace.findFiles(
      new vscode.RelativePattern(folder, pattern),
      new vscode.RelativePattern(folder, left),
      most,
      cancel.token,
    );
  const described = async () => {
    const yamls = await find('**/*.{yaml,yml}', mostYamlFiles);
    const files = await Promise.all(yamls.map(async (uri) => ({ path: posix(uri), text: await head(uri) })));
    show(datasetCandidates(files, []));
    return files;
  };
  try {
    const [files, images] = await Promise.all([described(), find(imagePattern, mostImages)]);
    show(datasetCandidates(files, images.map(posix), images.length >= mostImages));
  } finally {
    signal?.removeEventListener('abort', stop);
    cancel.dispose();
  }
}

/** Datasets of a workspace folder: descriptions, and plain folders of images. */
async function findDatasets(folder: vscode.WorkspaceFolder): Promise<readonly DatasetCandidate[]> {
  let found: readonly DatasetCandidate[] = [];
  await searchDatasets(folder, (candidates) => (found = candidates));
  return found;
}

/** Whether any folder of the workspace has a dataset or images. */
export async function hasDataset(): Promise<boolean> {
  for (const folder of vscode.workspace.workspaceFolders ?? []) {
    if ((await findDatasets(folder)).length > 0) return true;
  }
  return false;
}

/** Base weights in the workspace; none if the search fails, which only makes a list shorter. */
export async function findWeights(folder: vscode.WorkspaceFolder): Promise<readonly string[]> {
  try {
    const found = await vscode.workspace.findFiles(
      new vscode.RelativePattern(folder, '**/*.pt'),
      new vscode.RelativePattern(folder, left),
      50,
    );
    return found.map((uri) => uri.fsPath).toSorted();
  } catch {
    return [];
  }
}

async function head(uri: vscode.Uri): Promise<string> {
  try {
    const { size } = await vscode.workspace.fs.stat(uri);
    return size > mostYamlBytes ? '' : textOf(await vscode.workspace.fs.readFile(uri), uri);
  } catch {
    return '';
  }
}

/** A description in an unsupported encoding is offered too: choosing it shows what to do. */
function textOf(bytes: Uint8Array, uri: vscode.Uri): string {
  try {
    return decodeText(bytes, uri.fsPath).text;
  } catch {
    return new TextDecoder().decode(bytes);
  }
}

function posix(uri: vscode.Uri): string {
  return uri.fsPath.replaceAll('\\', '/');
}
